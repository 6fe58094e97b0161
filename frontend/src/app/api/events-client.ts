import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { computed, inject, Service, Signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { EditPreview } from './admin-shapes';
import { Loaded, loaded } from './loaded';
import { PagedList, pagedList, QueryParams } from './paged-list';
import {
  CustomerLimit,
  EventDetails,
  EventInput,
  EventPage,
  EventStatus,
  FirstStatus,
  Page,
} from './shapes';

@Service()
export class EventsClient {
  readonly #http = inject(HttpClient);

  find(id: () => string): HttpResourceRef<EventDetails | undefined> {
    return httpResource<EventDetails>(() => `/api/events/${id()}`);
  }

  /** Sends no request while `params` is undefined. `more` applies to later pages only. */
  list(
    params: () => QueryParams | undefined,
    more: QueryParams = {},
  ): PagedList<EventDetails, EventPage> {
    return pagedList<EventDetails, EventPage>(() => {
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

  /**
   * How many tickets of an event a customer may still book. Nothing is asked for without a
   * customer, or for an event without a limit.
   */
  findCustomerLimit(
    event: () => Pick<EventDetails, 'id' | 'max_tickets_per_customer'>,
    userId: () => number | undefined,
  ): Loaded<CustomerLimit> {
    // A text, so that an event that is loaded again asks nothing anew.
    const url = computed(() => {
      const { id, max_tickets_per_customer: most } = event();
      const user = userId();
      return most === null || user === undefined
        ? undefined
        : `/api/events/${id}/customer-limit?user_id=${user}`;
    });
    return loaded(httpResource<CustomerLimit>(url), url);
  }

  /** Where an event is downloaded as a calendar file. */
  calendarFileUrl(eventId: number): string {
    return `/api/events/${eventId}.ics`;
  }

  /** The categories of events still to come; undefined while they are not known. */
  findCategories(): Signal<readonly string[] | undefined> {
    const answer = httpResource<string[]>(() => '/api/categories', {
      parse: (body) => (body as { items: string[] }).items,
    });
    return computed(() => {
      if (answer.hasValue()) return answer.value();
      // If the request fails, the list is shown without categories.
      return answer.error() === undefined ? undefined : [];
    });
  }

  create(
    event: EventInput & { status: FirstStatus },
    idempotencyKey: string,
  ): Promise<EventDetails> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return firstValueFrom(this.#http.post<EventDetails>('/api/events', event, { headers }));
  }

  /** Drafts of an event at these times on the venue's clock. */
  copy(eventId: number, dates: string[], idempotencyKey: string): Promise<EventDetails[]> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    const url = `/api/events/${eventId}/copies`;
    return firstValueFrom(
      this.#http.post<{ items: EventDetails[] }>(url, { dates }, { headers }),
    ).then(({ items }) => items);
  }

  /** Whom an edit concerns, and what they will be told. Nothing is saved. */
  preview(eventId: number, event: EventInput, status: EventStatus): Promise<EditPreview> {
    const url = `/api/events/${eventId}/preview`;
    return firstValueFrom(this.#http.post<EditPreview>(url, { ...event, status }));
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
