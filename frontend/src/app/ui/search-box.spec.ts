import { inputBinding, outputBinding, signal } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { showPage } from '../../testing/page';
import { SearchBox } from './search-box';

describe('SearchBox', () => {
  const search = signal('');
  let searched: string[];

  beforeEach(() => {
    vi.useFakeTimers();
    search.set('');
    searched = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  function show() {
    const { fixture, screen } = showPage(SearchBox, [
      inputBinding('name', () => 'search'),
      inputBinding('label', () => 'Search'),
      inputBinding('search', search),
      outputBinding<string>('searched', (text) => searched.push(text)),
    ]);
    const box = screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search' });
    const type = (value: string) => fireEvent.input(box, { target: { value } });
    /** The address follows. */
    const follow = (text: string) => {
      search.set(text);
      fixture.detectChanges();
    };
    return { box, type, follow };
  }

  it('waits for a pause in the typing, and not for it after Enter', () => {
    const { box, type } = show();
    for (const text of ['j', 'ja', 'jazz']) type(text);
    expect(searched).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(searched).toEqual(['jazz']);
    type('jazz a');
    fireEvent.keyDown(box, { key: 'Enter' });
    expect(searched).toEqual(['jazz', 'jazz a']);
    vi.advanceTimersByTime(300);
    expect(searched).toHaveLength(2);
  });

  it.each([true, false])('hides the keyboard of a phone after Enter: %s', (coarse) => {
    vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: coarse } as MediaQueryList);
    const { box } = show();
    box.focus();
    fireEvent.keyDown(box, { key: 'Enter' });
    expect(document.activeElement === box).toBe(!coarse);
  });

  it('keeps the typed text when the address is updated late', () => {
    const { box, type, follow } = show();
    type('ja');
    vi.advanceTimersByTime(300);
    type('jazz');
    follow('ja');
    expect(box.value).toBe('jazz');
  });

  it('keeps the space before the next word', () => {
    const { box, type, follow } = show();
    type('jazz ');
    vi.advanceTimersByTime(300);
    expect(searched).toEqual(['jazz']);
    follow('jazz');
    expect(box.value).toBe('jazz ');
  });

  it('shows what the address says once nobody types', () => {
    const { box, type, follow } = show();
    type('jazz');
    vi.advanceTimersByTime(300);
    follow('jazz');
    follow('');
    expect(box.value).toBe('');
  });
});
