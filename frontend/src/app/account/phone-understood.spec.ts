import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideHttpClient } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { phoneUnderstood } from './phone-understood';

describe('phoneUnderstood', () => {
  const typed = signal('');
  let hint: () => string;
  let backend: HttpTestingController;

  beforeEach(() => {
    vi.useFakeTimers();
    typed.set('');
    TestBed.configureTestingModule({
      providers: [provideHttpClient(), provideHttpClientTesting()],
    });
    hint = TestBed.runInInjectionContext(() => phoneUnderstood(typed));
    backend = TestBed.inject(HttpTestingController);
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  async function type(text: string): Promise<void> {
    typed.set(text);
    TestBed.tick();
    await vi.advanceTimersByTimeAsync(300);
  }

  it('shows the number that would be sent, until another one is typed', async () => {
    await type('3929907');
    const request = backend.expectOne('/api/phone-readings');
    expect(request.request.body).toEqual({ phone: '3929907' });
    request.flush({ phone: '+493929907', region: 'DE', usual: true });
    await vi.advanceTimersByTimeAsync(0);
    expect(hint()).toContain('+49 392\u00a09907 in Germany.');
    typed.set('39299');
    expect(hint()).toBe('Numbers from abroad begin with +.');
  });

  it.each(['ana@example.org', '12', 'nobody'])('asks nothing about %s', async (text) => {
    await type(text);
    backend.expectNone('/api/phone-readings');
    expect(hint()).toBe('Numbers from abroad begin with +.');
  });

  it('keeps its hint without an answer', async () => {
    await type('0171 3920001');
    backend.expectOne('/api/phone-readings').error(new ProgressEvent('error'));
    await vi.advanceTimersByTimeAsync(0);
    expect(hint()).toBe('Numbers from abroad begin with +.');
  });
});
