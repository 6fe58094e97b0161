import { computed, inject, Service, signal } from '@angular/core';
import { EventsClient } from '../../api/events-client';
import { QueryParams } from '../../api/paged-list';

export interface EventQuery {
  search: string;
  category: string;
  from: string | null;
  to: string | null;
}

/** One event set large, and full rows of two or of three below it, where no month ends. */
const FIRST = 19;
const MORE = 18;

/** After this long, coming back to the list asks again instead of showing what was there. */
const FRESH_MS = 30_000;

/**
 * The public list. It outlives its page, so going back from an event finds the same rows, also
 * those loaded on request, and the scroll position with them.
 */
@Service()
export class EventListing {
  readonly #query = signal<EventQuery>({ search: '', category: '', from: null, to: null });
  readonly #params = signal<QueryParams | undefined>(undefined, {
    equal: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  });
  #askedAt = 0;

  /** The last query of the list, for a link back to it. */
  readonly address = computed(() => addressOf(this.#query()));
  readonly list = inject(EventsClient).list(this.#params, { limit: String(MORE) });

  show(query: EventQuery): void {
    this.#query.set(query);
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

function paramsOf({ search, category, from, to }: EventQuery): QueryParams | undefined {
  // The form explains the error; no request is sent.
  if (from !== null && to !== null && to < from) return undefined;
  const params: QueryParams = { limit: String(FIRST) };
  if (search !== '') params['search'] = search;
  if (category !== '') params['category'] = category;
  if (from !== null) params['from'] = from;
  if (to !== null) params['to'] = to;
  return params;
}

/** The parameters of the list's address; null removes one. */
export function addressOf({ search, category, from, to }: EventQuery) {
  return { search: search || null, category: category || null, from, to };
}
