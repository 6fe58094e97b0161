import { HttpResourceRequest } from '@angular/common/http';
import { Service, signal } from '@angular/core';
import { pagedList } from '../../api/paged-list';
import { EventDetails } from '../../api/shapes';

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
  readonly #request = signal<HttpResourceRequest | undefined>(undefined, {
    equal: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  });
  #askedAt = 0;

  readonly list = pagedList<EventDetails>(() => this.#request());

  show(query: EventQuery): void {
    const before = this.#request();
    this.#request.set(requestOf(query));
    const isStale = Date.now() - this.#askedAt > FRESH_MS || this.list.problem() !== null;
    if (before !== this.#request()) this.#askedAt = Date.now();
    else if (isStale) this.reload();
  }

  reload(): void {
    this.#askedAt = Date.now();
    this.list.reload();
  }
}

function requestOf({ search, from, to }: EventQuery): HttpResourceRequest | undefined {
  // The form says what is wrong with such dates; there is nothing to ask for.
  if (from !== null && to !== null && to < from) return undefined;
  const params: Record<string, string> = {};
  if (search !== '') params['search'] = search;
  if (from !== null) params['from'] = from;
  if (to !== null) params['to'] = to;
  return { url: '/api/events', params };
}
