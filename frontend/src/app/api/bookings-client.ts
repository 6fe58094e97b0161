import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom, timeout } from 'rxjs';
import { EventBooking } from './admin-shapes';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { Booking, NewBooking } from './shapes';

/** Without a network a request may never end. After this time it counts as failed. */
const PATIENCE_MS = 20_000;

/** Reading can be repeated, and the tickets may be on the device. */
const READING_PATIENCE_MS = 8000;

@Service()
export class BookingsClient {
  readonly #http = inject(HttpClient);

  find(id: () => string): HttpResourceRef<Booking | undefined> {
    return httpResource<Booking>(() => ({
      url: `/api/bookings/${id()}`,
      timeout: READING_PATIENCE_MS,
    }));
  }

  /** The bookings of a user; none are asked for while nobody is signed in. */
  ofUser(id: () => number | undefined, scope: 'upcoming' | 'past'): PagedList<Booking> {
    return pagedList<Booking>(() => {
      const user = id();
      return user === undefined
        ? undefined
        : {
            url: `/api/bookings/user/${user}`,
            params: { scope },
            timeout: READING_PATIENCE_MS,
          };
    });
  }

  ofEvent(id: () => number, search: () => string): PagedList<EventBooking> {
    return pagedList<EventBooking>(() => {
      const params: QueryParams = {};
      if (search() !== '') params['search'] = search();
      return { url: `/api/bookings/event/${id()}`, params };
    });
  }

  /** Where a file of all bookings of an event is downloaded. */
  fileUrl(eventId: number, format: 'xlsx' | 'csv'): string {
    return `/api/bookings/event/${eventId}.${format}`;
  }

  /** Where a booking is downloaded as a calendar file. */
  calendarFileUrl(bookingId: number): string {
    return `/api/bookings/${bookingId}.ics`;
  }

  /** Repeating a request with the same key returns the same booking. */
  book(booking: NewBooking, idempotencyKey: string): Promise<Booking> {
    const headers = { 'Idempotency-Key': idempotencyKey };
    return firstValueFrom(
      this.#http.post<Booking>('/api/bookings', booking, { headers }).pipe(timeout(PATIENCE_MS)),
    );
  }

  cancel(bookingId: number): Promise<Booking> {
    return firstValueFrom(
      this.#http.put<Booking>(`/api/bookings/${bookingId}`, { status: 'cancelled' }),
    );
  }
}
