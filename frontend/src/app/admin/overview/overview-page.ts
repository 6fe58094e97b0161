import { Component, computed, inject, input } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Totals } from '../../api/admin-shapes';
import { AdminClient } from '../../api/admin-client';
import { EventsClient } from '../../api/events-client';
import { QueryParams } from '../../api/paged-list';
import { ServerClock } from '../../api/server-clock';
import { CategorySelect } from '../../events/category-select';
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
import { FailingMails } from './failing-mails';
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
    CategorySelect,
    EmptyStage,
    EventsTable,
    FailingMails,
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
  readonly category = input<string>();
  readonly sort = input<string>();
  readonly order = input<string>();

  readonly #router = inject(Router);
  /** When the reader's day began: what has started since then is still of today. */
  readonly #today = startOfDay(new Date(inject(ServerClock).now()));

  protected readonly statuses = STATUSES;
  protected readonly orders = ORDERS;
  protected readonly query = computed<ListingQuery>(() =>
    readListing({
      status: this.status(),
      search: this.search(),
      category: this.category(),
      sort: this.sort(),
      order: this.order(),
    }),
  );
  protected readonly list = inject(AdminClient).listEvents(() => {
    const { status, search, category, sort, order } = this.query();
    const params: QueryParams = { status: status === 'coming' ? 'all' : status, sort, order };
    if (status === 'coming') params['from'] = this.#today;
    if (search !== '') params['search'] = search;
    if (category !== '') params['category'] = category;
    return params;
  });
  protected readonly categories = inject(EventsClient).findCategories();
  /** In an order that sales change, an event may come again on a later page. */
  protected readonly events = computed(() => [
    ...new Map(this.list.items().map((event) => [event.id, event])).values(),
  ]);
  /** And one that sold meanwhile may be on no page. */
  protected readonly maySkip = computed(() => {
    const isFigure = !['date_time', 'title'].includes(this.query().sort);
    return isFigure && this.list.items().length > (this.list.firstPage()?.items.length ?? 0);
  });
  protected readonly noTotals = NO_TOTALS;
  protected readonly totals = computed(() => this.list.firstPage()?.totals ?? null);
  protected readonly filtered = computed(() => {
    const { search, category, status } = this.query();
    return search !== '' || category !== '' || status !== 'coming';
  });
  protected readonly totalsOf = computed(() => {
    const { search, category, status } = this.query();
    if (search === '' && category === '' && status === 'all') return '';
    return this.filtered() ? 'Totals of the events found, not of all.' : 'Totals of coming events.';
  });
  protected readonly summary = computed(() => {
    const totals = this.totals();
    if (totals === null || this.list.problem() !== null) return '';
    if (totals.events === 0) return 'No events found';
    const shown = this.events().length;
    const all = countOf(totals.events, 'event');
    return shown < totals.events ? `${formatCount(shown)} of ${all}` : all;
  });

  protected filter(status: StatusFilter): void {
    // Another status has another usual order by date; a chosen order stays.
    const { search, category, sort } = this.query();
    this.#show(readListing({ status, search, category, sort, order: this.order() }));
  }

  protected searchFor(search: string): void {
    this.#show({ ...this.query(), search }, true);
  }

  protected choose(category: string): void {
    this.#show({ ...this.query(), category });
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
    const { search, category, status } = this.query();
    this.#show(readListing({ status: 'all', ...(status === 'all' ? {} : { search, category }) }));
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
