import { HttpTestingController } from '@angular/common/http/testing';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../testing/page';
import { sampleEvent } from '../../testing/samples';
import { EventChoice } from './event-choice';

describe('EventChoice', () => {
  const tonight = { ...sampleEvent, id: 8, title: 'Jazz tonight' };
  const lastYear = { ...sampleEvent, id: 9, title: 'Jazz last year' };

  /** Answers the one request that is open, and says what it asked. */
  function answer(backend: HttpTestingController, items: object[], next_cursor: string | null) {
    const { request, flush } = one(backend);
    flush({ items, next_cursor });
    return { path: request.url, params: request.params };
  }

  function one(backend: HttpTestingController) {
    const open = backend.expectOne(() => true);
    return { request: open.request, flush: open.flush.bind(open) };
  }

  it('lists coming events first, and past ones on request', async () => {
    const { backend, screen, settled } = showPage(EventChoice);
    answer(backend, [sampleEvent], null);
    await settled();
    expect(screen.queryByRole('button', { name: 'Also past events' })).toBeNull();

    const box = screen.getByRole('searchbox', { name: 'Find the event' });
    fireEvent.input(box, { target: { value: 'jazz' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    await settled();
    const first = answer(backend, [tonight], null);
    expect(first.path).toBe('/api/events');
    expect(first.params.get('search')).toBe('jazz');
    const since = Date.now() - Date.parse(first.params.get('from') ?? '');
    expect(since).toBeLessThan(25 * 3_600_000);

    await settled();
    const past = screen.getByRole('button', { name: 'Also past events' });
    past.click();
    await settled();
    const second = answer(backend, [tonight, lastYear], null);
    expect(second.path).toBe('/api/admin/events');
    expect(second.params.get('order')).toBe('desc');
    await settled();
    expect(past.getAttribute('aria-pressed')).toBe('true');
    expect(screen.getByRole('link', { name: 'Jazz last year' })).toBeTruthy();

    fireEvent.input(box, { target: { value: 'blues' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    await settled();
    expect(answer(backend, [], null).path).toBe('/api/events');
    await settled();
    expect(screen.getByText('No such event is to come.')).toBeTruthy();
  });

  it('says why there are not more, and asks again', async () => {
    const { backend, screen, settled } = showPage(EventChoice);
    answer(backend, [tonight], 'c1');
    await settled();
    screen.getByRole('button', { name: 'Show more events' }).click();
    one(backend).flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await settled();
    expect(screen.getByText('Detail of busy.')).toBeTruthy();
    screen.getByRole('button', { name: 'Try again' }).click();
    expect(answer(backend, [lastYear], null).params.get('cursor')).toBe('c1');
    await settled();
    expect(screen.getAllByRole('listitem')).toHaveLength(2);
  });
});
