import { TestBed } from '@angular/core/testing';
import { whileVisible } from './while-visible';

describe('whileVisible', () => {
  const reload = vi.fn();

  beforeEach(() => {
    vi.useFakeTimers();
    reload.mockClear();
    TestBed.runInInjectionContext(() => whileVisible(1000, reload));
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  function become(state: DocumentVisibilityState): void {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange'));
  }

  it('reloads every so often', () => {
    expect(reload).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2500);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('rests while nobody looks and reloads when somebody looks again', () => {
    become('hidden');
    vi.advanceTimersByTime(5000);
    expect(reload).not.toHaveBeenCalled();
    become('visible');
    expect(reload).toHaveBeenCalledOnce();
  });

  it('ends with its page', () => {
    TestBed.resetTestingModule();
    vi.advanceTimersByTime(5000);
    become('visible');
    expect(reload).not.toHaveBeenCalled();
  });
});
