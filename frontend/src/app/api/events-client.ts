import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { EventDetails, EventInput, EventStatus, Page } from './shapes';

@Service()
export class EventsClient {
  readonly #http = inject(HttpClient);

  find(id: () => string): HttpResourceRef<EventDetails | undefined> {
    return httpResource<EventDetails>(() => `/api/events/${id()}`);
  }

  /** Nothing is asked for while `params` is undefined; `more` is asked of later pages only. */
  list(params: () => QueryParams | undefined, more: QueryParams = {}): PagedList<EventDetails> {
    return pagedList<EventDetails>(() => {
      const asked = params();
      return asked === undefined ? undefined : { url: '/api/events', params: asked };
    }, more);
  }

  /** The first event that starts on this day or later. Nothing is asked for without a day. */
  findNext(from: () => string | null): HttpResourceRef<EventDetails | undefined> {
    return httpResource<EventDetails>(
      () => {
        const day = from();
        return day === null ? undefined : { url: '/api/events', params: { from: day, limit: '1' } };
      },
      { parse: (body) => (body as Page<EventDetails>).items[0] as EventDetails },
    );
  }

  create(event: EventInput, idempotencyKey: string): Promise<EventDetails> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return firstValueFrom(this.#http.post<EventDetails>('/api/events', event, { headers }));
  }

  /** Refused (412) when somebody edited the event after `base` was read. */
  save(
    base: EventDetails,
    event: EventInput,
    status: EventStatus,
    cancellationReason: string | null = null,
  ): Promise<EventDetails> {
    const headers = { 'If-Match': `"${base.version}"` };
    const body = { ...event, status, cancellation_reason: cancellationReason };
    return firstValueFrom(
      this.#http.put<EventDetails>(`/api/events/${base.id}`, body, { headers }),
    );
  }
}
