import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom, timeout } from 'rxjs';
import { CheckIn } from './admin-shapes';
import { DoorEvent } from './shapes';

/** A customer is standing there: after this long it is better to say that nothing is known. */
const PATIENCE_MS = 8_000;

@Service()
export class TicketsClient {
  readonly #http = inject(HttpClient);

  findDoor(eventId: () => number): HttpResourceRef<DoorEvent | undefined> {
    return httpResource<DoorEvent>(() => `/api/events/${eventId()}/door`);
  }

  checkIn(code: string, eventId: number): Promise<CheckIn> {
    const url = `/api/tickets/${encodeURIComponent(code)}/check-in`;
    return firstValueFrom(
      this.#http.post<CheckIn>(url, { event_id: eventId }).pipe(timeout(PATIENCE_MS)),
    );
  }
}
