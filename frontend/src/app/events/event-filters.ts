import {
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  linkedSignal,
  output,
} from '@angular/core';
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

/** Long enough not to ask at every letter, short enough to feel like an answer while typing. */
const DEBOUNCE_MS = 220;

/** What a change is: a step to go back to, or a letter more of the same search. */
export interface FilterChange extends EventQuery {
  step: boolean;
}

@Component({
  selector: 'mq-event-filters',
  templateUrl: './event-filters.html',
  styleUrl: './event-filters.css',
})
export class EventFilters {
  readonly query = input.required<EventQuery>();
  readonly changed = output<FilterChange>();

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
  protected readonly picked = computed(() => quickPickOf(this.range(), new Date()));
  protected readonly search = linkedSignal<string, string>({
    source: () => this.query().search,
    // The address follows the typing; it must not put an earlier word back under the cursor.
    computation: (search, previous) =>
      this.#timer !== undefined && previous !== undefined ? previous.value : search,
  });

  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#stopWaiting());
  }

  protected type(search: string): void {
    this.search.set(search);
    this.#stopWaiting();
    this.#timer = setTimeout(() => this.submit(), DEBOUNCE_MS);
  }

  protected submit(): void {
    this.#stopWaiting();
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
    this.changed.emit({ search: this.search().trim(), ...this.range(), step });
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
