import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom, timeout } from 'rxjs';
import { Booking } from './shapes';

export interface NewBooking {
  event_id: number;
  quantity: number;
  expected_total_amount: string;
  /** The customer, when an admin books at the box office. */
  user_id?: number;
}

/** A phone in a tunnel can wait for ever; after this long it is better to say so. */
const PATIENCE_MS = 20_000;

@Service()
export class Bookings {
  readonly #http = inject(HttpClient);

  /** The same key finds the same booking, however often it is sent. */
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
