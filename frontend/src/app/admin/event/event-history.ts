import { Component, computed, inject, input, signal } from '@angular/core';
import { AdminClient } from '../../api/admin-client';
import { AdminEvent, Sales } from '../../api/admin-shapes';
import { loaded } from '../../api/loaded';
import { formatCount } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { formatMoney, formatPrice } from '../../formats/money';
import { shortMoment } from '../../formats/moment';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { changeWords } from '../activity-words';
import { momentsOf, wallTimeAt } from '../event-form/wall-time';
import { SalesChart } from './sales-chart';

const STATUSES = {
  draft: 'Draft',
  active: 'Active',
  cancelled: 'Cancelled',
  completed: 'Completed',
};

/** Sales and edits of an event on one axis, and its figures at any moment. */
@Component({
  selector: 'mq-event-history',
  imports: [MoreButton, ProblemNotice, SalesChart],
  templateUrl: './event-history.html',
  styleUrl: './event-history.css',
})
export class EventHistory {
  readonly event = input.required<AdminEvent>();
  readonly sales = input.required<Sales>();

  readonly #client = inject(AdminClient);
  readonly #id = computed(() => this.event().id);
  readonly #opened = Date.now();
  readonly #at = signal<string | null>(null);

  protected readonly list = this.#client.listHistory(this.#id);
  /** Whether the edits, which decide how tall this is, are there or have failed. */
  readonly settled = computed(
    () => this.list.firstPage() !== undefined || this.list.problem() !== null,
  );
  protected readonly edits = computed(() =>
    this.list.items().map(({ version, at, actor_name, was, became }) => ({
      version,
      at,
      before: new Date(Date.parse(at) - 1).toISOString(),
      when: shortMoment(at, this.event()),
      who: actor_name === null ? 'Somebody at the database' : isolated(actor_name),
      did: version === 1 ? 'created the event' : 'edited the event',
      changes: changeWords(was, became),
    })),
  );
  protected readonly editDays = computed(() =>
    this.edits()
      .filter(({ version }) => version > 1)
      .map(({ at }) => wallTimeAt(at, this.event()).slice(0, 10)),
  );

  protected readonly first = computed(() => Date.parse(this.event().created_at));
  protected readonly last = computed(() => Math.max(this.#opened, this.first() + 1));
  protected readonly chosen = computed(() => this.#at() ?? new Date(this.last()).toISOString());
  protected readonly position = computed(() => Date.parse(this.chosen()));
  protected readonly wallTime = computed(() => wallTimeAt(this.chosen(), this.event()));
  protected readonly words = computed(() => shortMoment(this.chosen(), this.event()));

  protected readonly past = loaded(
    this.#client.findPastEvent(this.#id, () => this.#at() ?? undefined),
    this.#at,
  );
  protected readonly figures = computed(() => {
    const past = this.past.value();
    if (past === undefined) return null;
    return [
      { term: 'Status', value: STATUSES[past.status] },
      { term: 'Capacity', value: formatCount(past.capacity) },
      { term: 'Sold', value: formatCount(past.tickets_sold) },
      { term: 'Available', value: formatCount(past.tickets_available) },
      { term: 'Booked value', value: formatMoney(past.revenue, past.currency) },
      { term: 'Price', value: formatPrice(past.price, past.currency) },
    ];
  });
  protected readonly asked = computed(() => this.#at() !== null);

  /** To be called when the event was changed on this page. */
  reload(): void {
    this.list.reload();
    if (this.asked()) this.past.reload();
  }

  protected choose(at: string): void {
    this.#at.set(at);
  }

  protected slide(position: string): void {
    this.choose(new Date(Number(position)).toISOString());
  }

  /** A time that the clock never shows, or that is not complete yet, changes nothing. */
  protected enter(wallTime: string): void {
    const [moment] = momentsOf(wallTime, this.event());
    if (moment !== undefined) this.choose(new Date(moment).toISOString());
  }
}
