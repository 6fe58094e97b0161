import { computed, inject, Injectable, linkedSignal, Signal, signal } from '@angular/core';
import { BookingsClient } from '../../api/bookings-client';
import { Problem, toProblem } from '../../api/problem';
import { Booking, EventDetails, NewBooking } from '../../api/shapes';
import { timesPrice } from '../../formats/money';
import { BookingAttempt, BookingAttempts } from './booking-attempts';

type EventOnSale = Pick<EventDetails, 'id' | 'price' | 'tickets_available'>;

/**
 * Books tickets of one event for one customer. When the answer to a request was lost, the next
 * request repeats it with the same key, so that one attempt is never booked twice. Each
 * component that books provides its own desk.
 */
@Injectable()
export class BookingDesk {
  readonly #attempts = inject(BookingAttempts);
  readonly #bookings = inject(BookingsClient);
  #event!: Signal<EventOnSale>;
  #customerId!: Signal<number | undefined>;

  readonly #busy = signal(false);
  readonly #problem = signal<Problem | null>(null);
  /** Tickets left. A refusal may report fewer; that number holds until the event is reloaded. */
  readonly #available = linkedSignal(() => this.#event().tickets_available);

  /** True from sending the request until its booking is shown or it has failed. */
  readonly busy = this.#busy.asReadonly();
  /** What went wrong with the last request: a refusal, a lost answer, an error of the server. */
  readonly problem = this.#problem.asReadonly();
  readonly available = this.#available.asReadonly();
  /** An attempt with an unknown outcome: it must be sent again before another one. */
  readonly unsettled = computed<BookingAttempt | null>(() => {
    const customerId = this.#customerId();
    return customerId === undefined ? null : this.#attempts.unsettled(customerId, this.#event().id);
  });

  /** Sets the event and the customer. A component calls it once, before it is rendered. */
  open(event: Signal<EventOnSale>, customerId: Signal<number | undefined>): void {
    this.#event = event;
    this.#customerId = customerId;
  }

  forgetProblem(): void {
    this.#problem.set(null);
  }

  /**
   * Sends the unsettled attempt again, or else books this many tickets. The request names the
   * customer: if another customer has signed in meanwhile in another tab, the API refuses it.
   * The desk stays busy until `show` has finished, so that a second press of the button cannot book
   * again. Returns whether there is a booking.
   */
  async book(
    quantity: number,
    show: (booking: Booking) => unknown,
    more: Pick<NewBooking, 'beyond_customer_limit'> = {},
  ): Promise<boolean> {
    const customerId = this.#customerId();
    if (customerId === undefined || this.busy()) return false;
    const { id, price } = this.#event();
    const attempt = this.unsettled() ?? this.#attempts.begin(customerId, id, quantity);
    this.#busy.set(true);
    this.#problem.set(null);
    try {
      const booking = await this.#send(attempt, {
        user_id: customerId,
        event_id: id,
        quantity: attempt.quantity,
        expected_total_amount: timesPrice(price, attempt.quantity),
        ...more,
      });
      if (booking !== null) await show(booking);
      return booking !== null;
    } finally {
      this.#busy.set(false);
    }
  }

  async #send(attempt: BookingAttempt, body: NewBooking): Promise<Booking | null> {
    this.#attempts.sent(attempt);
    try {
      const booking = await this.#bookings.book(body, attempt.key);
      this.#attempts.answered(attempt, 201);
      return booking;
    } catch (error) {
      const problem = toProblem(error);
      this.#attempts.answered(attempt, problem.status);
      if (problem.type === '/problems/sold-out') this.#available.set(problem.available ?? 0);
      this.#problem.set(problem);
      return null;
    }
  }
}
