import { Component, computed, inject, input } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Totals } from '../../api/admin-shapes';
import { AdminClient } from '../../api/admin-client';
import { QueryParams } from '../../api/paged-list';
import { countOf, formatCount } from '../../formats/count';
import { EmptyStage } from '../../ui/empty-stage';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { SearchBox } from '../../ui/search-box';
import { ActivityList } from '../activity-list';
import {
  ListingQuery,
  ORDERS,
  readListing,
  Sort,
  sortedBy,
  StatusFilter,
  STATUSES,
  writeListing,
} from './event-listing-query';
import { EventsTable } from './events-table';
import { IntegrityPanel } from './integrity-panel';
import { TotalsStrip } from './totals-strip';

const NO_TOTALS: Totals = {
  events: 0,
  bookings: 0,
  tickets_sold: 0,
  tickets_checked_in: 0,
  revenue: '0.00',
  currency: 'EUR',
};

@Component({
  selector: 'mq-overview-page',
  imports: [
    ActivityList,
    EmptyStage,
    EventsTable,
    IntegrityPanel,
    MoreButton,
    ProblemNotice,
    RouterLink,
    SearchBox,
    TotalsStrip,
  ],
  templateUrl: './overview-page.html',
  styleUrl: './overview-page.css',
})
export class OverviewPage {
  // From the address, where the whole state of this page lives.
  readonly status = input<string>();
  readonly search = input<string>();
  readonly sort = input<string>();
  readonly order = input<string>();

  readonly #router = inject(Router);
  /** When the reader's day began: what has started since then is still of today. */
  readonly #today = startOfDay(new Date());

  protected readonly statuses = STATUSES;
  protected readonly orders = ORDERS;
  protected readonly query = computed<ListingQuery>(() =>
    readListing({
      status: this.status(),
      search: this.search(),
      sort: this.sort(),
      order: this.order(),
    }),
  );
  protected readonly list = inject(AdminClient).listEvents(() => {
    const { status, search, sort, order } = this.query();
    const params: QueryParams = { status: status === 'coming' ? 'all' : status, sort, order };
    if (status === 'coming') params['from'] = this.#today;
    if (search !== '') params['search'] = search;
    return params;
  });
  protected readonly noTotals = NO_TOTALS;
  protected readonly totals = computed(() => this.list.firstPage()?.totals ?? null);
  protected readonly filtered = computed(
    () => this.query().search !== '' || this.query().status !== 'coming',
  );
  protected readonly totalsOf = computed(() => {
    const { search, status } = this.query();
    if (search === '' && status === 'all') return '';
    return this.filtered()
      ? 'Totals of the events found, not of all.'
      : 'Totals of what is coming.';
  });
  protected readonly summary = computed(() => {
    const totals = this.totals();
    if (totals === null || this.list.problem() !== null) return '';
    if (totals.events === 0) return 'No events found';
    const shown = this.list.items().length;
    const all = countOf(totals.events, 'event');
    return shown < totals.events ? `${formatCount(shown)} of ${all}` : all;
  });

  protected filter(status: StatusFilter): void {
    // Another status has another usual order by date; a chosen order stays.
    const { search, sort } = this.query();
    this.#show(readListing({ status, search, sort, order: this.order() }));
  }

  protected searchFor(search: string): void {
    this.#show({ ...this.query(), search }, true);
  }

  protected sortBy(sort: Sort): void {
    this.#show(sortedBy(this.query(), sort));
  }

  protected chooseOrder(index: number): void {
    const chosen = ORDERS[index];
    if (chosen === undefined) return;
    this.#show({ ...this.query(), sort: chosen.sort, order: chosen.order });
  }

  protected showAll(): void {
    const { search, status } = this.query();
    this.#show(readListing({ status: 'all', search: status === 'all' ? '' : search }));
  }

  #show(query: ListingQuery, replaceUrl = false): void {
    void this.#router.navigate([], { queryParams: writeListing(query), replaceUrl });
  }
}

/** In whole seconds, as the API takes it. */
function startOfDay(now: Date): string {
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  return start.toISOString().replace('.000Z', 'Z');
}
