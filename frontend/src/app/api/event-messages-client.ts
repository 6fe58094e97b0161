import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { EventMessage, MessagePreview } from './admin-shapes';
import { PagedList, pagedList } from './paged-list';

/** Messages of admins to the guests of an event. */
@Service()
export class EventMessagesClient {
  readonly #http = inject(HttpClient);

  list(eventId: () => string): PagedList<EventMessage> {
    return pagedList<EventMessage>(() => ({ url: messagesUrl(eventId()) }));
  }

  preview(eventId: number, text: string): Promise<MessagePreview> {
    return firstValueFrom(
      this.#http.post<MessagePreview>(`${messagesUrl(eventId)}/preview`, { text }),
    );
  }

  /** Repeating a request with the same key sends no second message. */
  send(eventId: number, text: string, idempotencyKey: string): Promise<EventMessage> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return firstValueFrom(
      this.#http.post<EventMessage>(messagesUrl(eventId), { text }, { headers }),
    );
  }
}

function messagesUrl(eventId: number | string): string {
  return `/api/events/${eventId}/messages`;
}
