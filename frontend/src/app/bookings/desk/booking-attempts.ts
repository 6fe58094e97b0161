import { Service, signal } from '@angular/core';
import { newIdempotencyKey } from '../../api/idempotency-key';

/**
 * One wish to book: this customer, this event, this many tickets. It keeps its idempotency key
 * until the server has said what became of it, over reloads and lost connections, so pressing
 * again can only ever find the booking the first press made.
 */
export interface BookingAttempt {
  key: string;
  userId: number;
  eventId: number;
  quantity: number;
  /** Sent at least once without an answer: the booking may exist. */
  unsettled: boolean;
}

/** Answers after which the server is known to hold this booking or none. */
const SETTLING = new Set([201, 404, 409, 422]);

const STORE = 'marquee.booking-attempts';

@Service()
export class BookingAttempts {
  readonly #attempts = signal<ReadonlyMap<string, BookingAttempt>>(new Map(this.#restore()));

  /** The attempt for this wish: the one under way, or a new one with a new key. */
  begin(userId: number, eventId: number, quantity: number): BookingAttempt {
    const fresh = { key: newIdempotencyKey(), userId, eventId, quantity, unsettled: false };
    return this.#attempts().get(nameOf(fresh)) ?? fresh;
  }

  /** The attempt for this event whose outcome nobody knows; it comes before any other quantity. */
  unsettled(userId: number, eventId: number): BookingAttempt | null {
    const attempts = [...this.#attempts().values()];
    return (
      attempts.find(
        (attempt) => attempt.unsettled && attempt.userId === userId && attempt.eventId === eventId,
      ) ?? null
    );
  }

  /** To be called before the request leaves: a page that dies waiting must remember. */
  sent(attempt: BookingAttempt): void {
    this.#change((attempts) => attempts.set(nameOf(attempt), { ...attempt, unsettled: true }));
  }

  /**
   * To be called with the attempt as it was before it was sent and the status that came back, 0
   * for none. An answer that refuses only this request (401, 429) says nothing about an earlier
   * one that went unanswered.
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
      // Without storage an attempt lives as long as the page, which is still every retry on it.
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
