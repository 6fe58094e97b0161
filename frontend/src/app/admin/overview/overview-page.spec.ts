import { inputBinding } from '@angular/core';
import { AdminEvent } from '../../api/admin-shapes';
import { showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { OverviewPage } from './overview-page';

function event(id: number, sold: number): AdminEvent {
  const statistics = { bookings: sold, tickets_sold: sold, tickets_checked_in: 0, revenue: '0.00' };
  return { ...sampleEvent, open_to_box_office: true, id, title: `Event ${id}`, statistics };
}

const totals = {
  events: 3,
  bookings: 9,
  tickets_sold: 9,
  tickets_checked_in: 0,
  revenue: '0.00',
  currency: 'EUR',
};

describe('OverviewPage', () => {
  async function showTwoPages(sort: string) {
    const page = showPage(OverviewPage, [
      inputBinding('sort', () => sort),
      inputBinding('order', () => 'asc'),
    ]);
    const answer = (items: AdminEvent[], next_cursor: string | null) => {
      page.backend
        .expectOne(({ url }) => url === '/api/admin/events')
        .flush({ items, next_cursor, totals });
      return page.settled();
    };
    await answer([event(1, 1), event(2, 2)], 'c');
    page.screen.getByRole('button', { name: 'Show more events' }).click();
    // Event 1 has sold tickets meanwhile.
    await answer([event(3, 3), event(1, 4)], null);
    return page;
  }

  it('shows an event once that sold while the list was read, and says what may be missing', async () => {
    const { backend, screen, settled } = await showTwoPages('tickets_sold');
    expect(screen.getAllByRole('link', { name: 'Event 1' })).toHaveLength(1);
    expect(screen.getByText('3 events')).toBeTruthy();
    expect(screen.getByText(/may be missing/)).toBeTruthy();
    screen.getByRole('button', { name: 'Sort again' }).click();
    await settled();
    backend.expectOne(({ url }) => url === '/api/admin/events');
  });

  it('misses nothing in an order that sales do not change', async () => {
    const { screen } = await showTwoPages('title');
    expect(screen.queryByText(/may be missing/)).toBeNull();
  });
});
