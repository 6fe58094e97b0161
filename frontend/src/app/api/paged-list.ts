import { HttpClient, httpResource, HttpResourceRequest } from '@angular/common/http';
import { computed, inject, linkedSignal, Signal, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { lastValue } from './last-value';
import { Problem, toProblem } from './problem';
import { Page } from './shapes';

export type QueryParams = Record<string, string>;

export interface PagedList<T, P extends Page<T> = Page<T>> {
  readonly items: Signal<readonly T[]>;
  /** The first page as it came, for what only it carries (totals, for one). */
  readonly firstPage: Signal<P | undefined>;
  readonly hasMore: Signal<boolean>;
  readonly loadingMore: Signal<boolean>;
  readonly moreProblem: Signal<Problem | null>;
  /** No page has been loaded. */
  readonly loading: Signal<boolean>;
  /** Showing an earlier answer while a new one is on its way. */
  readonly refreshing: Signal<boolean>;
  readonly problem: Signal<Problem | null>;
  reload(): void;
  loadMore(): Promise<void>;
}

/**
 * A list read page by page. The answer to the last question stays on screen until the next one's
 * arrives, so typing in a search box does not make the page blink. `more` is asked of every page
 * but the first.
 */
export function pagedList<T, P extends Page<T> = Page<T>>(
  request: () => HttpResourceRequest | undefined,
  more: QueryParams = {},
): PagedList<T, P> {
  const http = inject(HttpClient);
  const first = httpResource<P>(request);
  const firstPage = lastValue<P>(first, () => null);
  const rest = linkedSignal<P | undefined, { items: T[]; cursor: string | null }>({
    source: firstPage,
    computation: (page) => ({ items: [], cursor: page?.next_cursor ?? null }),
  });
  const loadingMore = signal(false);
  const moreProblem = linkedSignal<P | undefined, Problem | null>({
    source: firstPage,
    computation: () => null,
  });

  async function loadMore(): Promise<void> {
    const asked = request();
    const page = firstPage();
    const { cursor } = rest();
    // While another first page is on its way, the cursor belongs to the page before it.
    const waiting = loadingMore() || first.isLoading();
    if (asked === undefined || cursor === null || waiting) return;
    loadingMore.set(true);
    moreProblem.set(null);
    try {
      const params = { ...(asked.params as QueryParams), ...more, cursor };
      const next = await firstValueFrom(http.get<P>(asked.url, { params }));
      // A new question may have been asked meanwhile; its list is not ours to extend.
      if (firstPage() === page) {
        rest.update(({ items }) => ({
          items: [...items, ...next.items],
          cursor: next.next_cursor,
        }));
      }
    } catch (error) {
      if (firstPage() === page) moreProblem.set(toProblem(error));
    } finally {
      loadingMore.set(false);
    }
  }

  return {
    firstPage,
    items: computed(() => [...(firstPage()?.items ?? []), ...rest().items]),
    hasMore: computed(() => rest().cursor !== null),
    loadingMore: loadingMore.asReadonly(),
    moreProblem: moreProblem.asReadonly(),
    loading: computed(() => first.isLoading() && firstPage() === undefined),
    refreshing: computed(() => first.isLoading() && firstPage() !== undefined),
    problem: computed(() => {
      const error = first.error();
      return error === undefined ? null : toProblem(error);
    }),
    reload: () => first.reload(),
    loadMore,
  };
}
