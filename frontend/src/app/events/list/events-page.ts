import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import { Router } from '@angular/router';
import { searchText } from '../../api/search-text';
import { formatCount } from '../../formats/count';
import { EmptyStage } from '../../ui/empty-stage';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { isIsoDay } from './date-range';
import { EventCard } from './event-card';
import { EventFilters, FilterChange } from './event-filters';
import { EventListing, EventQuery } from './event-listing';

@Component({
  selector: 'mq-events-page',
  imports: [EmptyStage, EventCard, EventFilters, MoreButton, ProblemNotice],
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

  protected apply({ search, from, to, step }: FilterChange): void {
    void this.#router.navigate([], {
      queryParams: { search: search || null, from, to },
      queryParamsHandling: 'merge',
      replaceUrl: !step,
    });
  }

  protected clear(): void {
    this.apply({ search: '', from: null, to: null, step: true });
  }

  protected retry(): void {
    this.#listing.reload();
  }
}
