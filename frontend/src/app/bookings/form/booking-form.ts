import {
  Component,
  computed,
  ElementRef,
  inject,
  input,
  linkedSignal,
  model,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { Problem, toProblem } from '../../api/problem';
import { EventDetails } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { formatMoney, isFree, timesPrice } from '../../formats/money';
import { CurrentSession } from '../../session/current-session';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { BookingAttempts } from '../desk/booking-attempts';

/** Everything between wanting tickets and holding them. */
@Component({
  selector: 'mq-booking-form',
  imports: [QuantityStepper, RouterLink],
  templateUrl: './booking-form.html',
  styleUrl: './booking-form.css',
})
export class BookingForm {
  readonly event = input.required<EventDetails>();
  readonly quantity = model.required<number>();
  /** Whether the event as shown is known to be out of date. */
  readonly outdated = output();

  readonly #attempts = inject(BookingAttempts);
  readonly #bookings = inject(BookingsClient);
  readonly #router = inject(Router);
  private readonly notices = viewChild.required<ElementRef<HTMLElement>>('notices');
  protected readonly session = inject(CurrentSession);

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  readonly #refusedPrice = signal<string | null>(null);
  /** The server's refusal is newer than the event on the page. */
  protected readonly available = linkedSignal(() => this.event().tickets_available);
  protected readonly limit = computed(() => this.event().max_tickets_per_booking);
  protected readonly max = computed(() => Math.min(this.available(), this.limit()));
  protected readonly short = computed(() => this.quantity() > this.max() && this.max() > 0);
  protected readonly bookable = computed(() => Math.min(this.quantity(), this.max()));
  protected readonly total = computed(() => this.#money(this.quantity()));
  protected readonly priceChanged = computed(
    () => this.#refusedPrice() !== null && this.#refusedPrice() !== this.event().price,
  );
  /** Sent and never answered: it must be settled before anything else can be chosen. */
  protected readonly unsettled = computed(() => {
    const user = this.session.user();
    return user ? this.#attempts.unsettled(user.id, this.event().id) : null;
  });
  protected readonly shown = computed(() => this.unsettled()?.quantity ?? this.quantity());
  protected readonly returnTo = computed(
    () => `/events/${this.event().id}?quantity=${this.quantity()}`,
  );
  protected readonly action = computed(() => {
    if (this.busy()) return 'Booking …';
    if (this.unsettled() !== null) return 'Check my booking';
    if (this.max() < 1) return 'Sold out';
    const tickets = countOf(this.bookable(), 'ticket');
    if (this.short()) return `Book ${tickets} instead`;
    return this.priceChanged() ? `Book ${tickets} for ${this.total()}` : `Book ${tickets}`;
  });

  protected readonly countOf = countOf;

  protected choose(quantity: number): void {
    this.quantity.set(quantity);
    this.problem.set(null);
  }

  protected async book(): Promise<void> {
    const user = this.session.user();
    const earlier = this.unsettled();
    if (!user || this.busy() || (earlier === null && this.max() < 1)) return;
    const event = this.event();
    if (earlier === null) this.quantity.set(this.bookable());
    const attempt = earlier ?? this.#attempts.begin(user.id, event.id, this.quantity());
    this.busy.set(true);
    this.problem.set(null);
    this.#attempts.sent(attempt);
    try {
      const booking = await this.#bookings.book(
        {
          event_id: event.id,
          quantity: attempt.quantity,
          expected_total_amount: timesPrice(event.price, attempt.quantity),
        },
        attempt.key,
      );
      this.#attempts.answered(attempt, 201);
      await this.#router.navigate(['/bookings', booking.id], { state: { booked: true } });
    } catch (error) {
      const problem = toProblem(error);
      this.#attempts.answered(attempt, problem.status);
      this.#refuse(problem, event.price, attempt.quantity);
    } finally {
      this.busy.set(false);
    }
  }

  #refuse(problem: Problem, price: string, quantity: number): void {
    this.quantity.set(quantity);
    switch (problem.type) {
      case '/problems/sold-out':
        this.available.set(problem.available ?? 0);
        break;
      case '/problems/price-changed':
        this.#refusedPrice.set(price);
        break;
      default:
        this.problem.set(problem);
    }
    // Whatever the reason, the page should show the event as it is now.
    this.outdated.emit();
    this.notices().nativeElement.scrollIntoView({ block: 'nearest' });
  }

  #money(quantity: number): string {
    const { price, currency } = this.event();
    return isFree(price) ? 'Free' : formatMoney(timesPrice(price, quantity), currency);
  }
}
