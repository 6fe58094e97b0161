import { inputBinding, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { fireEvent, within } from '@testing-library/dom';
import { problem, showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { EventsPage } from './events-page';

describe('EventsPage', () => {
  const search = signal<string | undefined>(undefined);

  beforeEach(() => {
    search.set(undefined);
    vi.useRealTimers();
  });

  const show = () => showPage(EventsPage, [inputBinding('search', search)]);

  it('shows the events, and a title with markup as text', async () => {
    const { backend, screen, settled } = show();
    expect(screen.getByLabelText('Loading events')).toBeTruthy();
    const title = '<img src=x onerror=alert(1)>';
    backend
      .expectOne('/api/events?limit=19')
      .flush({ items: [{ ...sampleEvent, title }], next_cursor: null });
    await settled();
    expect(screen.getByRole('heading', { level: 2, name: title })).toBeTruthy();
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.getByText('1 event')).toBeTruthy();
    expect(screen.getByText('€25')).toBeTruthy();
  });

  it('asks for what the address says and helps when there is none', async () => {
    search.set('jaz');
    const { backend, screen, settled } = show();
    backend.expectOne('/api/events?limit=19&search=jaz').flush({ items: [], next_cursor: null });
    await settled();
    expect(screen.getByRole('status').textContent).toBe('No events found');
    expect(screen.getByRole('button', { name: 'Show all events' })).toBeTruthy();
  });

  it.each([true, false])('says when only descriptions have the words: %s', async (found) => {
    search.set('banjo');
    const { backend, screen, settled } = show();
    backend
      .expectOne('/api/events?limit=19&search=banjo')
      .flush({ items: [sampleEvent], next_cursor: null, in_description: found });
    await settled();
    expect(screen.queryByText(/^No title or venue has what you look for/) !== null).toBe(found);
  });

  it('begins with the first event that has tickets, and with the best match of a search', async () => {
    const items = [
      { ...sampleEvent, id: 1, title: 'Gone', tickets_available: 0 },
      { ...sampleEvent, id: 2, title: 'There' },
      { ...sampleEvent, id: 3, title: 'Later' },
    ];
    const { backend, screen, settled } = show();
    const titles = () =>
      screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent.trim());
    backend.expectOne('/api/events?limit=19').flush({ items, next_cursor: null });
    await settled();
    expect(titles()).toEqual(['There', 'Gone', 'Later']);
    search.set('g');
    await settled();
    backend.expectOne('/api/events?limit=19&search=g').flush({ items, next_cursor: null });
    await settled();
    expect(titles()).toEqual(['Gone', 'There', 'Later']);
  });

  it('has full rows below the first event on every page', async () => {
    const { backend, screen, settled } = show();
    backend.expectOne('/api/events?limit=19').flush({ items: [sampleEvent], next_cursor: 'c' });
    await settled();
    screen.getByRole('button', { name: 'Show more events' }).click();
    backend.expectOne('/api/events?limit=18&cursor=c');
  });

  it('says what comes next when nothing is on at the dates', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 11, 3, 12) });
    const today = '2026-12-03';
    const { backend, screen, settled } = showPage(EventsPage, [
      inputBinding('from', () => today),
      inputBinding('to', () => today),
    ]);
    backend
      .expectOne(`/api/events?limit=19&from=${today}&to=${today}`)
      .flush({ items: [], next_cursor: null });
    await settled();
    backend
      .expectOne(`/api/events?from=${today}&limit=1`)
      .flush({ items: [sampleEvent], next_cursor: null });
    await settled();
    expect(screen.getByRole('heading', { name: 'Nothing on today' })).toBeTruthy();
    expect(screen.getByText(/^Next: Saturday, December 5, 2099/)).toBeTruthy();
    const link = screen.getByRole('link', { name: sampleEvent.title });
    expect(link.getAttribute('href')).toBe('/events/7');
  });

  it('asks for no longer a search than the API takes', () => {
    search.set('x'.repeat(150));
    const { backend, screen } = show();
    backend.expectOne(`/api/events?limit=19&search=${'x'.repeat(100)}`);
    const box = screen.getByRole<HTMLInputElement>('searchbox', { name: 'Search' });
    expect(box.maxLength).toBe(100);
  });

  it('can be asked again after a failure', async () => {
    const { backend, screen, settled } = show();
    backend
      .expectOne('/api/events?limit=19')
      .flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await settled();
    expect(screen.getByText('Detail of busy.')).toBeTruthy();
    screen.getByRole('button', { name: 'Try again' }).click();
    await settled();
    backend.expectOne('/api/events?limit=19').flush({ items: [sampleEvent], next_cursor: null });
    await settled();
    expect(screen.getByRole('heading', { name: sampleEvent.title })).toBeTruthy();
  });

  it('puts a search into the address once the typing pauses', () => {
    vi.useFakeTimers();
    const { screen } = show();
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    const box = screen.getByRole('searchbox', { name: 'Search' });
    for (const value of ['j', 'ja', 'jazz']) fireEvent.input(box, { target: { value } });
    expect(navigate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(300);
    expect(navigate).toHaveBeenCalledTimes(1);
    expect(navigate.mock.calls[0]?.[1]?.queryParams).toEqual({
      search: 'jazz',
      category: null,
      from: null,
      to: null,
    });
  });

  it('waits until the year of a day is typed', () => {
    const { screen, fixture } = show();
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    const from = screen.getByLabelText<HTMLInputElement>('From');
    for (const year of ['0002', '0020', '0202']) {
      fireEvent.change(from, { target: { value: `${year}-12-05` } });
      fixture.detectChanges();
      expect(from.value).toBe(`${year}-12-05`);
    }
    expect(navigate).not.toHaveBeenCalled();
    fireEvent.change(from, { target: { value: '2026-12-05' } });
    expect(navigate).toHaveBeenCalledTimes(1);
    fireEvent.change(from, { target: { value: '0002-12-05' } });
    fireEvent.blur(from);
    expect(from.value).toBe('2026-12-05');
    expect([from.min, from.max]).toEqual(['1900-01-01', '2199-12-31']);
  });

  it('does not ask for dates the wrong way round, and says why', async () => {
    const { screen, fixture } = show();
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    fireEvent.change(screen.getByLabelText('From'), { target: { value: '2026-12-05' } });
    fireEvent.change(screen.getByLabelText('To'), { target: { value: '2026-12-01' } });
    fixture.detectChanges();
    expect(screen.getByText('The last day is before the first one.')).toBeTruthy();
    const box = screen.getByRole('searchbox', { name: 'Search' });
    fireEvent.input(box, { target: { value: 'jazz' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    expect(navigate).toHaveBeenCalledTimes(1);
    fireEvent.change(screen.getByLabelText('To'), { target: { value: '2026-12-31' } });
    expect(navigate.mock.calls[1]?.[1]?.queryParams).toEqual({
      search: 'jazz',
      category: null,
      from: '2026-12-05',
      to: '2026-12-31',
    });
  });

  it('offers the categories, and marks the one in the address however it is spelled', async () => {
    const { backend, screen, settled } = showPage(EventsPage, [
      inputBinding('category', () => 'comedy'),
    ]);
    backend.expectOne('/api/events?limit=19&category=comedy');
    backend.expectOne('/api/categories').flush({ items: ['Comedy', 'Film'] });
    await settled();
    const select = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Category' });
    const options = within(select).getAllByRole('option');
    expect(options.map((option) => option.textContent.trim())).toEqual([
      'Any category',
      'Comedy',
      'Film',
    ]);
    expect(select.value).toBe('Comedy');
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    fireEvent.change(select, { target: { value: 'Film' } });
    fireEvent.change(select, { target: { value: '' } });
    const asked = navigate.mock.calls.map(([, extras]) => extras?.queryParams?.['category']);
    expect(asked).toEqual(['Film', null]);
  });

  it('keeps a category without events among the choices', async () => {
    const { backend, screen, settled } = showPage(EventsPage, [
      inputBinding('category', () => 'Puppetry'),
    ]);
    backend
      .expectOne('/api/events?limit=19&category=Puppetry')
      .flush({ items: [], next_cursor: null });
    backend.expectOne('/api/categories').flush({ items: ['Film'] });
    await settled();
    const select = screen.getByRole<HTMLSelectElement>('combobox', { name: 'Category' });
    expect(select.value).toBe('Puppetry');
    expect(screen.getByRole('heading', { name: 'Nothing on in “Puppetry”' })).toBeTruthy();
  });

  it('keeps the room of the categories until it is known that there are none', async () => {
    const { backend, screen, settled } = show();
    const select = screen.getByLabelText('Category').closest('mq-category-select');
    expect(select?.className).toContain('waiting');
    backend.expectOne('/api/events?limit=19').flush({ items: [sampleEvent], next_cursor: null });
    backend.expectOne('/api/categories').flush({ items: [] });
    await settled();
    expect(select?.className).not.toContain('waiting');
    expect(select?.hasAttribute('hidden')).toBe(true);
  });
});
