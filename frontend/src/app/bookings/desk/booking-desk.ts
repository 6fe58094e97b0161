import { computed, inject, Injectable, linkedSignal, Signal, signal } from '@angular/core';
import { BookingsClient } from '../../api/bookings-client';
import { Problem, toProblem } from '../../api/problem';
import { Booking, EventDetails, NewBooking } from '../../api/shapes';
import { timesPrice } from '../../formats/money';
import { BookingAttempt, BookingAttempts } from './booking-attempts';

type EventOnSale = Pick<EventDetails, 'id' | 'price' | 'tickets_available'>;

/**
 * Books tickets of one event for one customer at a time, and never twice: a booking whose answer
 * was lost is asked for again with the same key before anything else is booked. Each component
 * that books provides a desk of its own.
 */
@Injectable()
export class BookingDesk {
  readonly #attempts = inject(BookingAttempts);
  readonly #bookings = inject(BookingsClient);
  #event!: Signal<EventOnSale>;
  #customerId!: Signal<number | undefined>;

  readonly #busy = signal(false);
  readonly #problem = signal<Problem | null>(null);
  /** A refusal is newer than the event on the page. */
  readonly #available = linkedSignal(() => this.#event().tickets_available);

  /** From the press of the button until the booking is shown or refused. */
  readonly busy = this.#busy.asReadonly();
  /** Why the last order was refused. */
  readonly problem = this.#problem.asReadonly();
  readonly available = this.#available.asReadonly();
  /** Sent and never answered: it must be settled before anything else can be chosen. */
  readonly unsettled = computed<BookingAttempt | null>(() => {
    const customerId = this.#customerId();
    return customerId === undefined ? null : this.#attempts.unsettled(customerId, this.#event().id);
  });

  /** Says what is sold and to whom. A component calls it once, before it is rendered. */
  open(event: Signal<EventOnSale>, customerId: Signal<number | undefined>): void {
    this.#event = event;
    this.#customerId = customerId;
  }

  forgetProblem(): void {
    this.#problem.set(null);
  }

  /**
   * Books, or asks again for what is unsettled. The customer is sent along, so that the API refuses
   * to book for somebody else who has signed in meanwhile, in another tab. The desk is busy until
   * `show` is done with the booking, so that a second press cannot book again. False if there is no
   * booking.
   */
  async book(quantity: number, show: (booking: Booking) => unknown): Promise<boolean> {
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
