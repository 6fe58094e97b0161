import { inject, Service, signal } from '@angular/core';
import { EventsClient } from '../../api/events-client';
import { QueryParams } from '../../api/paged-list';

export interface EventQuery {
  search: string;
  from: string | null;
  to: string | null;
}

/** After this long, coming back to the list asks again instead of showing what was there. */
const FRESH_MS = 30_000;

/**
 * The public list. It outlives its page, so going back from an event finds the same rows, also
 * those loaded on request, and the scroll position with them.
 */
@Service()
export class EventListing {
  readonly #params = signal<QueryParams | undefined>(undefined, {
    equal: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  });
  #askedAt = 0;

  readonly list = inject(EventsClient).list(this.#params);

  show(query: EventQuery): void {
    const before = this.#params();
    this.#params.set(paramsOf(query));
    const isStale = Date.now() - this.#askedAt > FRESH_MS || this.list.problem() !== null;
    if (before !== this.#params()) this.#askedAt = Date.now();
    else if (isStale) this.reload();
  }

  reload(): void {
    this.#askedAt = Date.now();
    this.list.reload();
  }
}

function paramsOf({ search, from, to }: EventQuery): QueryParams | undefined {
  // The form says what is wrong with such dates; there is nothing to ask for.
  if (from !== null && to !== null && to < from) return undefined;
  const params: QueryParams = {};
  if (search !== '') params['search'] = search;
  if (from !== null) params['from'] = from;
  if (to !== null) params['to'] = to;
  return params;
}
