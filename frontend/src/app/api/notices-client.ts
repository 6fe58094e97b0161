import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PagedList, pagedList } from './paged-list';
import { polled } from './polled';
import { Notice } from './shapes';

/** The notices of the signed-in user. */
@Service()
export class NoticesClient {
  readonly #http = inject(HttpClient);

  /** Sends no request while nobody is signed in. */
  list(isSignedIn: () => boolean): PagedList<Notice> {
    return pagedList<Notice>(() => (isSignedIn() ? { url: '/api/notices' } : undefined));
  }

  /** How many are unread; the server counts no further than a hundred. */
  countUnread(): Promise<number> {
    return firstValueFrom(
      this.#http.get<{ count: number }>('/api/notices/unread', { context: polled() }),
    ).then(({ count }) => count);
  }

  /** Returns how many others are unread. */
  markRead(ids: readonly number[]): Promise<number> {
    return firstValueFrom(this.#http.post<{ count: number }>('/api/notices/read', { ids })).then(
      ({ count }) => count,
    );
  }
}
