import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { EventDetails, EventInput, EventStatus } from './shapes';

@Service()
export class EventsClient {
  readonly #http = inject(HttpClient);

  find(id: () => string): HttpResourceRef<EventDetails | undefined> {
    return httpResource<EventDetails>(() => `/api/events/${id()}`);
  }

  /** Nothing is asked for while `params` is undefined. */
  list(params: () => QueryParams | undefined): PagedList<EventDetails> {
    return pagedList<EventDetails>(() => {
      const asked = params();
      return asked === undefined ? undefined : { url: '/api/events', params: asked };
    });
  }

  create(event: EventInput, idempotencyKey: string): Promise<EventDetails> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return firstValueFrom(this.#http.post<EventDetails>('/api/events', event, { headers }));
  }

  /** Refused (412) when somebody edited the event after `base` was read. */
  save(base: EventDetails, event: EventInput, status: EventStatus): Promise<EventDetails> {
    const headers = { 'If-Match': `"${base.version}"` };
    return firstValueFrom(
      this.#http.put<EventDetails>(`/api/events/${base.id}`, { ...event, status }, { headers }),
    );
  }
}
