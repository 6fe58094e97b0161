import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventsClient } from '../../api/events-client';
import { categoryText, searchText } from '../../api/search-text';
import { ServerClock } from '../../api/server-clock';
import { EventDetails } from '../../api/shapes';
import { byMonth, Month } from '../../formats/by-month';
import { formatCount } from '../../formats/count';
import { longDate } from '../../formats/moment';
import { EmptyStage } from '../../ui/empty-stage';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { eventState } from '../event-state';
import { isIsoDay, quickPickOf } from './date-range';
import { EventCard } from './event-card';
import { EventFilters, FilterChange } from './event-filters';
import { addressOf, EventListing, EventQuery } from './event-listing';

const TYPING_ERRORS = 'Small typing errors are fine.';

@Component({
  selector: 'mq-events-page',
  imports: [
    EmptyStage,
    EventCard,
    EventFilters,
    IsolatedPipe,
    MoreButton,
    ProblemNotice,
    RouterLink,
  ],
  templateUrl: './events-page.html',
  styleUrl: './events-page.css',
})
export class EventsPage {
  // From the address, where the whole state of this page lives.
  readonly search = input<string>();
  readonly category = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();

  readonly #router = inject(Router);
  readonly #clock = inject(ServerClock);
  protected readonly categories = inject(EventsClient).findCategories();
  readonly #listing = inject(EventListing);

  protected readonly list = this.#listing.list;
  protected readonly skeletons = [0, 1, 2, 3, 4, 5, 6];
  protected readonly query = computed<EventQuery>(() => {
    const [from, to] = [this.from(), this.to()];
    return {
      search: searchText(this.search()),
      category: categoryText(this.category()),
      from: isIsoDay(from) ? from : null,
      to: isIsoDay(to) ? to : null,
    };
  });
  protected readonly filtered = computed(() => {
    const { search, category, from, to } = this.query();
    return search !== '' || category !== '' || from !== null || to !== null;
  });
  /**
   * The programme begins with what can be booked, and goes on by month where it spans months. A
   * search begins with what matches best, and has no months.
   */
  protected readonly months = computed<Month<EventDetails>[]>(() => {
    const events = this.list.items();
    if (this.query().search !== '') return [{ name: '', items: events }];
    const lead = events.find(hasTickets) ?? events[0];
    const others = events.filter((event) => event !== lead);
    const start = lead === undefined ? [] : [lead];
    return byMonth(events, (event) => event).length > 1
      ? [{ name: '', items: start }, ...byMonth(others, (event) => event)]
      : [{ name: '', items: [...start, ...others] }];
  });
  /** If there is no event on these dates, the page offers later ones. */
  readonly #emptyFrom = computed(() => {
    const { search, category, from } = this.query();
    const answered = !this.list.refreshing() && this.list.problem() === null;
    const empty = this.list.firstPage()?.items.length === 0;
    return search === '' && category === '' && answered && empty ? from : null;
  });
  readonly #next = inject(EventsClient).findNext(this.#emptyFrom);
  protected readonly next = computed(() => {
    const event = this.#next.hasValue() ? this.#next.value() : undefined;
    return event === undefined ? null : { event, day: longDate(event.date_time, event) };
  });
  protected readonly nothing = computed(() => {
    const { search, category, ...range } = this.query();
    const words = { any: '', today: 'today', weekend: 'this weekend', month: 'this month' };
    const pick = quickPickOf(range, new Date(this.#clock.now()));
    const dates = pick === null ? 'on these dates' : words[pick];
    if (search === '' && category !== '') {
      const advice = 'Try another category or any date.';
      return { heading: `Nothing on in “${category}” ${dates}`.trim(), advice };
    }
    if (search === '') return { heading: `Nothing on ${dates}`, advice: null };
    return pick === 'any'
      ? { heading: 'Nothing on with that search', advice: `Try fewer words. ${TYPING_ERRORS}` }
      : {
          heading: `Nothing on with that search ${dates}`,
          advice: `Try fewer words or any date. ${TYPING_ERRORS}`,
        };
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
    this.apply({ search: '', category: '', from: null, to: null, step: true });
  }

  protected retry(): void {
    this.#listing.reload();
  }
}

function hasTickets(event: EventDetails): boolean {
  return eventState(event) === 'open';
}
