import { inputBinding } from '@angular/core';
import { problem, showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { EventHistory } from './event-history';

const adminEvent = {
  ...sampleEvent,
  open_to_box_office: true,
  statistics: { bookings: 4, tickets_sold: 9, tickets_checked_in: 0, revenue: '108.00' },
};
const sales = {
  time_zone: 'Europe/Berlin',
  currency: 'EUR',
  items: [{ date: '2026-10-20', bookings: 4, tickets: 9, revenue: '108.00' }],
};
const edit = {
  version: 2,
  at: '2026-10-25T08:03:00Z',
  actor_id: 1,
  actor_name: 'Theo Admin',
  was: { capacity: 100 },
  became: { capacity: 120 },
};
const creation = { ...edit, version: 1, at: '2026-10-01T08:00:00Z', was: {}, became: {} };
const past = {
  event_id: adminEvent.id,
  at: edit.at,
  version: 2,
  title: adminEvent.title,
  venue: adminEvent.venue,
  date_time: adminEvent.date_time,
  status: 'active',
  capacity: 120,
  price: '12.00',
  currency: 'EUR',
  tickets_sold: 9,
  tickets_available: 111,
  bookings: 4,
  tickets_checked_in: 0,
  revenue: '108.00',
};

describe('EventHistory', () => {
  async function show() {
    const page = showPage(EventHistory, [
      inputBinding('event', () => adminEvent),
      inputBinding('sales', () => sales),
    ]);
    page.backend
      .expectOne((request) => request.url === `/api/events/${adminEvent.id}/history`)
      .flush({ items: [edit, creation], next_cursor: null });
    await page.settled();
    const asked = () =>
      page.backend.expectOne((request) => request.url === `/api/events/${adminEvent.id}/as-of`);
    return { ...page, asked };
  }

  it('says what was, what became and by whom, and marks the day on the chart', async () => {
    const { screen, fixture } = await show();
    const [first] = screen.getAllByRole('listitem');
    expect(first?.textContent).toMatch(/Theo Admin.*edited the event.*Capacity: .?100.? → .?120/s);
    const marks = (fixture.nativeElement as HTMLElement).querySelectorAll('line.edit');
    expect(marks).toHaveLength(1);
  });

  it('shows the figures after an edit, before it, and at a moment that is typed', async () => {
    const { screen, settled, asked } = await show();
    screen.getAllByRole('button', { name: /^Figures after it/ })[0]?.click();
    await settled();
    const after = asked();
    expect(after.request.params.get('at')).toBe(edit.at);
    after.flush(past);
    await settled();
    const shown = screen.getByRole('status').textContent;
    expect(shown).toMatch(/Active.*120.*9.*111.*€108.00.*€12/s);

    screen.getByRole('button', { name: /^Figures before it/ }).click();
    await settled();
    const before = asked();
    expect(before.request.params.get('at')).toBe('2026-10-25T08:02:59.999Z');
    before.flush(problem('event-not-found', 404), { status: 404, statusText: 'Not found' });
    await settled();
    expect(screen.getByRole('status').textContent).toContain('did not exist yet');

    const field = screen.getByLabelText<HTMLInputElement>('Figures at this moment');
    field.value = '2026-11-01T10:03';
    field.dispatchEvent(new Event('change'));
    await settled();
    expect(asked().request.params.get('at')).toMatch(/^2026-11-0\dT\d\d:\d3:00/);
  });
});
