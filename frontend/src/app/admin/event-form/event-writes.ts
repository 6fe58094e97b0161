import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { AdminEvent } from '../../api/admin-shapes';
import { EventDetails, EventStatus } from '../../api/shapes';
import { EventInput } from './event-draft';

@Service()
export class EventWrites {
  readonly #http = inject(HttpClient);

  /** The event as it is now, with its statistics. */
  current(id: number): Promise<AdminEvent> {
    return firstValueFrom(this.#http.get<AdminEvent>(`/api/admin/events/${id}`));
  }

  create(event: EventInput): Promise<EventDetails> {
    return firstValueFrom(this.#http.post<EventDetails>('/api/events', event));
  }

  /** Refused (412) when somebody edited the event after `base` was read. */
  save(base: EventDetails, event: EventInput, status: EventStatus): Promise<EventDetails> {
    const headers = { 'If-Match': `"${base.version}"` };
    return firstValueFrom(
      this.#http.put<EventDetails>(`/api/events/${base.id}`, { ...event, status }, { headers }),
    );
  }
}
