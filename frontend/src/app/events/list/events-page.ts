import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventsClient } from '../../api/events-client';
import { searchText } from '../../api/search-text';
import { EventDetails } from '../../api/shapes';
import { formatCount } from '../../formats/count';
import { longDate } from '../../formats/moment';
import { EmptyStage } from '../../ui/empty-stage';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { eventState } from '../event-state';
import { isIsoDay, quickPickOf } from './date-range';
import { EventCard } from './event-card';
import { EventFilters, FilterChange } from './event-filters';
import { addressOf, EventListing, EventQuery } from './event-listing';

@Component({
  selector: 'mq-events-page',
  imports: [EmptyStage, EventCard, EventFilters, MoreButton, ProblemNotice, RouterLink],
  templateUrl: './events-page.html',
  styleUrl: './events-page.css',
})
export class EventsPage {
  // From the address, where the whole state of this page lives.
  readonly search = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();

  readonly #router = inject(Router);
  readonly #listing = inject(EventListing);

  protected readonly list = this.#listing.list;
  protected readonly skeletons = [0, 1, 2, 3, 4, 5, 6];
  protected readonly query = computed<EventQuery>(() => {
    const [from, to] = [this.from(), this.to()];
    return {
      search: searchText(this.search()),
      from: isIsoDay(from) ? from : null,
      to: isIsoDay(to) ? to : null,
    };
  });
  protected readonly filtered = computed(() => {
    const { search, from, to } = this.query();
    return search !== '' || from !== null || to !== null;
  });
  /** The programme begins with what can be booked; a search begins with what matches best. */
  protected readonly events = computed(() => {
    const events = this.list.items();
    const lead = this.query().search === '' ? events.find(hasTickets) : undefined;
    return lead === undefined ? events : [lead, ...events.filter((event) => event !== lead)];
  });
  /** Nothing is on at these dates, so what is on after they begin is worth a word. */
  readonly #emptyFrom = computed(() => {
    const { search, from } = this.query();
    const answered = !this.list.refreshing() && this.list.problem() === null;
    const empty = this.list.firstPage()?.items.length === 0;
    return search === '' && answered && empty ? from : null;
  });
  readonly #next = inject(EventsClient).findNext(this.#emptyFrom);
  protected readonly next = computed(() => {
    const event = this.#next.hasValue() ? this.#next.value() : undefined;
    return event === undefined ? null : { event, day: longDate(event.date_time, event) };
  });
  protected readonly nothing = computed(() => {
    const { search, ...range } = this.query();
    const words = { any: '', today: 'today', weekend: 'this weekend', month: 'this month' };
    const pick = quickPickOf(range, new Date());
    const dates = pick === null ? 'on these dates' : words[pick];
    if (search === '') return { heading: `Nothing on ${dates}`, advice: null };
    return pick === 'any'
      ? { heading: 'Nothing on with that search', advice: 'Try fewer words.' }
      : { heading: `Nothing on with that search ${dates}`, advice: 'Try fewer words or any date.' };
  });
  protected readonly summary = computed(() => {
    if (this.list.loading() || this.list.problem() !== null) return '';
    const count = this.list.items().length;
    const events = count === 1 && !this.list.hasMore() ? 'event' : 'events';
    const number = `${formatCount(count)}${this.list.hasMore() ? '+' : ''}`;
    const { search } = this.query();
    if (count === 0) return 'No events found';
    return search === '' ? `${number} ${events}` : `${number} ${events} for “${search}”`;
  });

  constructor() {
    effect(() => {
      const query = this.query();
      untracked(() => this.#listing.show(query));
    });
  }

  protected apply({ step, ...query }: FilterChange): void {
    // The first letter of a search is a step, so that going back leads to the list without it.
    const begins = this.query().search === '' && query.search !== '';
    void this.#router.navigate([], {
      queryParams: addressOf(query),
      queryParamsHandling: 'merge',
      replaceUrl: !step && !begins,
    });
  }

  protected clear(): void {
    this.apply({ search: '', from: null, to: null, step: true });
  }

  protected retry(): void {
    this.#listing.reload();
  }
}

function hasTickets(event: EventDetails): boolean {
  return eventState(event) === 'open';
}
