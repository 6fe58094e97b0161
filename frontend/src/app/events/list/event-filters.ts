import { Component, computed, inject, input, linkedSignal, output } from '@angular/core';
import { ServerClock } from '../../api/server-clock';
import { SearchBox } from '../../ui/search-box';
import { CategorySelect } from '../category-select';
import {
  DateRange,
  FIRST_DAY,
  isIsoDay,
  LAST_DAY,
  quickPickOf,
  QuickPick,
  quickRange,
} from './date-range';
import { EventQuery } from './event-listing';

/** A change of the filters. `step` says whether the back button should return to it. */
export interface FilterChange extends EventQuery {
  step: boolean;
}

@Component({
  selector: 'mq-event-filters',
  imports: [CategorySelect, SearchBox],
  templateUrl: './event-filters.html',
  styleUrl: './event-filters.css',
})
export class EventFilters {
  readonly query = input.required<EventQuery>();
  /** Those of events still to come; undefined while they are not known. */
  readonly categories = input<readonly string[] | undefined>(undefined);
  readonly changed = output<FilterChange>();

  /** Newer than the query while the address follows, or while the dates make no sense. */
  readonly #search = linkedSignal(() => this.query().search);

  protected readonly picks: { pick: QuickPick; words: string }[] = [
    { pick: 'any', words: 'Any date' },
    { pick: 'today', words: 'Today' },
    { pick: 'weekend', words: 'This weekend' },
    { pick: 'month', words: 'This month' },
  ];
  protected readonly firstDay = FIRST_DAY;
  protected readonly lastDay = LAST_DAY;
  protected readonly range = linkedSignal<DateRange>(() => ({
    from: this.query().from,
    to: this.query().to,
  }));
  protected readonly backwards = computed(() => {
    const { from, to } = this.range();
    return from !== null && to !== null && to < from;
  });
  /** On a phone the two days stand behind a button, unless they are what was chosen. */
  protected readonly daysShown = linkedSignal<boolean, boolean>({
    source: () => this.picked() === null,
    computation: (chosen, previous) => chosen || (previous?.value ?? false),
  });
  readonly #clock = inject(ServerClock);
  readonly #today = () => new Date(this.#clock.now());
  protected readonly picked = computed(() => quickPickOf(this.range(), this.#today()));

  protected searchFor(search: string): void {
    this.#search.set(search);
    this.#emit(false);
  }

  protected pick(pick: QuickPick): void {
    this.range.set(quickRange(pick, this.#today()));
    this.#emit(true);
  }

  protected choose(category: string): void {
    this.#emit(true, category);
  }

  protected setDay(end: keyof DateRange, day: string): void {
    // While a year is being typed it is 0002, 0020 and so on: not a valid day yet.
    if (day !== '' && !isIsoDay(day)) return;
    this.range.update((range) => ({ ...range, [end]: day === '' ? null : day }));
    this.#emit(true);
  }

  #emit(step: boolean, category = this.query().category): void {
    if (this.backwards()) return;
    this.changed.emit({ search: this.#search(), category, ...this.range(), step });
  }
}
