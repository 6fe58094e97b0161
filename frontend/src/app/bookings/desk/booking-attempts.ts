import { Service, signal } from '@angular/core';
import { newIdempotencyKey } from '../../api/idempotency-key';

/**
 * An attempt to book a number of tickets of an event for a customer. It keeps its idempotency key
 * until the server has reported the outcome, even over reloads and lost connections. So a retry
 * returns the booking of the first request, if there is one, and never makes a second booking.
 */
export interface BookingAttempt {
  key: string;
  userId: number;
  eventId: number;
  quantity: number;
  /** Whether it was sent and the outcome is unknown: the booking may exist. */
  unsettled: boolean;
}

/** Statuses that report the outcome: the booking exists (201), or it does not. */
const SETTLING = new Set([201, 404, 409, 422]);

const STORE = 'marquee.booking-attempts';

@Service()
export class BookingAttempts {
  readonly #attempts = signal<ReadonlyMap<string, BookingAttempt>>(new Map(this.#restore()));

  /** Returns the attempt for these values that has no outcome yet, or a new one with a new key. */
  begin(userId: number, eventId: number, quantity: number): BookingAttempt {
    const fresh = { key: newIdempotencyKey(), userId, eventId, quantity, unsettled: false };
    return this.#attempts().get(nameOf(fresh)) ?? fresh;
  }

  /** Returns the attempt for this event with an unknown outcome: send it again before any other. */
  unsettled(userId: number, eventId: number): BookingAttempt | null {
    const attempts = [...this.#attempts().values()];
    return (
      attempts.find(
        (attempt) => attempt.unsettled && attempt.userId === userId && attempt.eventId === eventId,
      ) ?? null
    );
  }

  /** Call it before sending the request, so that the attempt survives a reload during the wait. */
  sent(attempt: BookingAttempt): void {
    this.#change((attempts) => attempts.set(nameOf(attempt), { ...attempt, unsettled: true }));
  }

  /**
   * Records the answer to a request. `attempt` is the object that was given to `sent()`, and
   * `status` is 0 if no answer came. A status that settles the attempt removes it. Any other 4xx
   * (such as 401 or 429) says that this request did nothing, but an earlier one may have booked:
   * the attempt is put back as it was before `sent()`. Without an answer, or after a 5xx, it stays
   * unsettled.
   */
  answered(attempt: BookingAttempt, status: number): void {
    if (SETTLING.has(status)) {
      this.#change((attempts) => attempts.delete(nameOf(attempt)));
    } else if (status >= 400 && status < 500) {
      this.#change((attempts) => attempts.set(nameOf(attempt), attempt));
    }
  }

  #change(change: (attempts: Map<string, BookingAttempt>) => void): void {
    const attempts = new Map(this.#attempts());
    change(attempts);
    this.#attempts.set(attempts);
    try {
      const unsettled = [...attempts.values()].filter((attempt) => attempt.unsettled);
      sessionStorage.setItem(STORE, JSON.stringify(unsettled));
    } catch {
      // Without storage the attempt is lost on a reload, but retries on this page still find it.
    }
  }

  #restore(): [string, BookingAttempt][] {
    try {
      const saved = JSON.parse(sessionStorage.getItem(STORE) ?? '[]') as BookingAttempt[];
      return saved.map((attempt) => [nameOf(attempt), attempt]);
    } catch {
      return [];
    }
  }
}

function nameOf({ userId, eventId, quantity }: BookingAttempt): string {
  return `${userId}/${eventId}/${quantity}`;
}
