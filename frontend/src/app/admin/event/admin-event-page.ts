import { Component, computed, effect, inject, input, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { loaded } from '../../api/loaded';
import { StatusTag } from '../../events/status-tag';
import { formatCount } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { formatMoney, formatPrice } from '../../formats/money';
import { PageTitle } from '../../shell/page-title';
import { DateBlock } from '../../ui/date-block';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { ProblemNotice } from '../../ui/problem-notice';
import { SoldBar } from '../../ui/sold-bar';
import { When } from '../../ui/when';
import { ActivityList } from '../activity-list';
import { PublishButton } from '../publish-button';
import { BoxOffice } from './box-office';
import { EventBookings } from './event-bookings';
import { EventHistory } from './event-history';
import { EventIntegrity } from './event-integrity';

/** One event as an admin sees it. */
@Component({
  selector: 'mq-admin-event-page',
  imports: [
    ActivityList,
    BoxOffice,
    DateBlock,
    EventBookings,
    EventHistory,
    EventIntegrity,
    IsolatedPipe,
    LoadedPage,
    ProblemNotice,
    PublishButton,
    RouterLink,
    SoldBar,
    StatusTag,
    When,
  ],
  templateUrl: './admin-event-page.html',
  styleUrl: './admin-event-page.css',
})
export class AdminEventPage {
  readonly id = input.required<string>();

  readonly #client = inject(AdminClient);
  private readonly bookings = viewChild(EventBookings);
  private readonly activity = viewChild(ActivityList);
  private readonly history = viewChild(EventHistory);
  private readonly integrity = viewChild(EventIntegrity);

  protected readonly loaded = loaded(this.#client.findEvent(this.id), this.id);
  protected readonly event = this.loaded.value;
  protected readonly sales = loaded(this.#client.findSales(this.id), this.id);
  /** The parts below the history are shown once its height is known, so that nothing moves. */
  protected readonly historySettled = computed(
    () => this.sales.problem() !== null || this.history()?.settled() === true,
  );
  protected readonly facts = computed(() => {
    const event = this.event();
    if (event === undefined) return null;
    const { statistics, currency } = event;
    return {
      figures: [
        { term: 'Bookings', value: formatCount(statistics.bookings) },
        { term: 'Booked value', value: formatMoney(statistics.revenue, currency) },
        { term: 'Checked in', value: formatCount(statistics.tickets_checked_in) },
        { term: 'Price', value: formatPrice(event.price, currency) },
      ],
      sold: formatCount(statistics.tickets_sold),
      capacity: formatCount(event.capacity),
      available: formatCount(event.capacity - statistics.tickets_sold),
    };
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Admin: ${isolated(event.title)}`);
      else if (this.loaded.missing()) title.set('No such event');
    });
  }

  /** A booking was made or cancelled here: every number on the page may be another. */
  protected refresh(): void {
    this.loaded.reload();
    this.sales.reload();
    this.bookings()?.reload();
    this.activity()?.reload();
    this.history()?.reload();
    this.integrity()?.reload();
  }
}
