import { Component, computed, input, linkedSignal, output } from '@angular/core';
import { SearchBox } from '../../ui/search-box';
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

/** What a change is: a step to go back to, or a letter more of the same search. */
export interface FilterChange extends EventQuery {
  step: boolean;
}

@Component({
  selector: 'mq-event-filters',
  imports: [SearchBox],
  templateUrl: './event-filters.html',
  styleUrl: './event-filters.css',
})
export class EventFilters {
  readonly query = input.required<EventQuery>();
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
  protected readonly picked = computed(() => quickPickOf(this.range(), new Date()));

  protected searchFor(search: string): void {
    this.#search.set(search);
    this.#emit(false);
  }

  protected pick(pick: QuickPick): void {
    this.range.set(quickRange(pick, new Date()));
    this.#emit(true);
  }

  protected setDay(end: keyof DateRange, day: string): void {
    // A year being typed counts up from 0002. What is left there gives way to what counts.
    if (day !== '' && !isIsoDay(day)) return;
    this.range.update((range) => ({ ...range, [end]: day === '' ? null : day }));
    this.#emit(true);
  }

  #emit(step: boolean): void {
    if (this.backwards()) return;
    this.changed.emit({ search: this.#search(), ...this.range(), step });
  }
}
