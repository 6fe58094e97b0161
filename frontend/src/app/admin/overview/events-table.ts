import { Component, computed, inject, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminEvent } from '../../api/admin-shapes';
import { ServerClock } from '../../api/server-clock';
import { StatusTag } from '../../events/status-tag';
import { formatCount } from '../../formats/count';
import { LOCALE } from '../../formats/locale';
import { shortDate, shortMoment } from '../../formats/moment';
import { formatMoney } from '../../formats/money';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { SoldBar } from '../../ui/sold-bar';
import { ListingQuery, Sort, SORTS } from './event-listing-query';

/**
 * All events with their statistics. In a narrow window each row is shown as a block. ARIA roles keep
 * it a table for screen readers.
 */
@Component({
  selector: 'mq-events-table',
  imports: [IsolatedPipe, RouterLink, SoldBar, StatusTag],
  templateUrl: './events-table.html',
  styleUrl: './events-table.css',
})
export class EventsTable {
  readonly events = input.required<readonly AdminEvent[]>();
  readonly query = input.required<ListingQuery>();
  readonly sortBy = output<Sort>();

  protected readonly columns = computed(() => {
    const { sort, order } = this.query();
    return SORTS.map((column) => ({
      ...column,
      number: column.sort !== 'date_time' && column.sort !== 'title',
      direction:
        column.sort !== sort ? null : order === 'asc' ? 'ascending' : ('descending' as const),
    }));
  });
  readonly #clock = inject(ServerClock);
  readonly #now = () => new Date(this.#clock.now()).toISOString();

  protected readonly rows = computed(() =>
    this.events().map((event) => {
      const { statistics, capacity } = event;
      return {
        event,
        when: shortMoment(event.date_time, event),
        today: shortDate(event.date_time, event) === shortDate(this.#now(), event),
        sold: formatCount(statistics.tickets_sold),
        capacity: formatCount(capacity),
        percent: percentOf(statistics.tickets_sold, capacity),
        bookings: formatCount(statistics.bookings),
        checkedIn: formatCount(statistics.tickets_checked_in),
        revenue: formatMoney(statistics.revenue, event.currency),
      };
    }),
  );
}

/** Rounded down, so that only a sold-out event has 100 %. */
function percentOf(sold: number, capacity: number): string {
  const share = Math.floor((100 * sold) / capacity) / 100;
  return new Intl.NumberFormat(LOCALE, { style: 'percent' }).format(share);
}
