import {
  Component,
  computed,
  ElementRef,
  inject,
  input,
  model,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventDetails } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { formatTotal, timesPrice } from '../../formats/money';
import { CurrentSession } from '../../session/current-session';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { BookingDesk } from '../desk/booking-desk';
import { BookingHandedOver } from '../page/booking-page';

/** Problem types for which the template has a message of its own. */
const EXPLAINED_TYPES = ['/problems/sold-out', '/problems/price-changed'];

/** Lets a customer choose a number of tickets for an event, and books them. */
@Component({
  selector: 'mq-booking-form',
  imports: [QuantityStepper, RouterLink],
  templateUrl: './booking-form.html',
  styleUrl: './booking-form.css',
  providers: [BookingDesk],
})
export class BookingForm {
  readonly event = input.required<EventDetails>();
  readonly quantity = model.required<number>();
  /** Emitted when the event should be loaded again, because a booking was refused. */
  readonly outdated = output();

  readonly #router = inject(Router);
  private readonly notices = viewChild.required<ElementRef<HTMLElement>>('notices');
  protected readonly session = inject(CurrentSession);

  protected readonly desk = inject(BookingDesk);
  readonly #customerId = computed(() => this.session.user()?.id);
  readonly #refusedPrice = signal<string | null>(null);
  protected readonly limit = computed(() => this.event().max_tickets_per_booking);
  protected readonly max = computed(() => Math.min(this.desk.available(), this.limit()));
  protected readonly short = computed(() => this.quantity() > this.max() && this.max() > 0);
  protected readonly bookable = computed(() => Math.min(this.quantity(), this.max()));
  protected readonly total = computed(() => this.#money(this.quantity()));
  protected readonly priceChanged = computed(
    () => this.#refusedPrice() !== null && this.#refusedPrice() !== this.event().price,
  );
  /** The problem to show with the server's message, because the form has none of its own. */
  protected readonly problem = computed(() => {
    const problem = this.desk.problem();
    return EXPLAINED_TYPES.includes(problem?.type ?? '') ? null : problem;
  });
  protected readonly shown = computed(() => this.desk.unsettled()?.quantity ?? this.quantity());
  protected readonly returnTo = computed(
    () => `/events/${this.event().id}?quantity=${this.quantity()}`,
  );
  protected readonly action = computed(() => {
    if (this.desk.busy()) return 'Booking …';
    if (this.desk.unsettled() !== null) return 'Check my booking';
    if (this.max() < 1) return 'Sold out';
    const tickets = countOf(this.bookable(), 'ticket');
    if (this.short()) return `Book ${tickets} instead`;
    return this.priceChanged() ? `Book ${tickets} for ${this.total()}` : `Book ${tickets}`;
  });

  protected readonly countOf = countOf;

  constructor() {
    this.desk.open(this.event, this.#customerId);
  }

  protected choose(quantity: number): void {
    this.quantity.set(quantity);
    this.desk.forgetProblem();
  }

  protected async book(): Promise<void> {
    const quantity = this.desk.unsettled()?.quantity ?? this.bookable();
    if (!this.session.user() || this.desk.busy() || quantity < 1) return;
    const { price } = this.event();
    this.quantity.set(quantity);
    const isBooked = await this.desk.book({ quantity }, (booking) =>
      this.#router.navigate(['/bookings', booking.id], {
        state: { booked: true },
        info: { booking } satisfies BookingHandedOver,
      }),
    );
    if (!isBooked) this.#showRefusal(price);
  }

  #showRefusal(price: string): void {
    if (this.desk.problem()?.type === '/problems/price-changed') this.#refusedPrice.set(price);
    // Whatever the reason, the page should show the event as it is now.
    this.outdated.emit();
    this.notices().nativeElement.scrollIntoView({ block: 'nearest' });
  }

  #money(quantity: number): string {
    const { price, currency } = this.event();
    return formatTotal(timesPrice(price, quantity), currency);
  }
}
