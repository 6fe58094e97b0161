import {
  Component,
  computed,
  DestroyRef,
  ElementRef,
  inject,
  input,
  model,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventsClient } from '../../api/events-client';
import { EventDetails } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { formatTotal, timesPrice } from '../../formats/money';
import { CurrentSession } from '../../session/current-session';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { BookingDesk } from '../desk/booking-desk';
import { BookingHandedOver } from '../page/booking-page';
import { onNextRender } from '../../ui/on-next-render';

/** Problem types for which the form has its own message. */
const SOLD_OUT = '/problems/sold-out';
const PRICE_CHANGED = '/problems/price-changed';
const NOT_SIGNED_IN = '/problems/not-signed-in';
/** The `user_id` of the request is not that of the person who is signed in. */
const NOT_ALLOWED = '/problems/not-allowed';
const EXPLAINED_TYPES = [SOLD_OUT, PRICE_CHANGED, NOT_SIGNED_IN, NOT_ALLOWED];

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
  readonly #onNextRender = onNextRender();
  readonly #destroyed = inject(DestroyRef);
  private readonly bar = viewChild<ElementRef<HTMLElement>>('bar');
  protected readonly session = inject(CurrentSession);

  protected readonly desk = inject(BookingDesk);
  readonly #customerId = computed(() => this.session.user()?.id);
  readonly #refusedPrice = signal<string | null>(null);
  protected readonly limit = computed(() => this.event().max_tickets_per_booking);
  /** How many one customer may have; null: any number. */
  protected readonly most = computed(() => this.event().max_tickets_per_customer);
  readonly #customerLimit = inject(EventsClient).findCustomerLimit(this.event, this.#customerId);
  /** It is not known yet how many the customer has: the form would change under their eyes. */
  protected readonly waiting = computed(
    () =>
      this.most() !== null &&
      this.#customerId() !== undefined &&
      this.#customerLimit.value() === undefined &&
      this.#customerLimit.problem() === null,
  );
  /** How many tickets the customer has, as far as it is known; only of an event with a limit. */
  protected readonly owned = computed(() => this.#customerLimit.value()?.owned ?? 0);
  /** How many this customer may still book, if only the limit of a customer is considered. */
  protected readonly remaining = computed(() => {
    const most = this.most();
    return most === null ? Infinity : Math.max(most - this.owned(), 0);
  });
  protected readonly hasAll = computed(
    () => this.remaining() === 0 && this.desk.unsettled() === null && !this.desk.busy(),
  );
  protected readonly max = computed(() =>
    Math.min(this.desk.available(), this.limit(), this.remaining()),
  );
  /** What limits the number of tickets. */
  protected readonly limitedBy = computed(() => {
    if (this.max() === this.remaining()) return 'customer';
    return this.max() < this.limit() ? 'event' : 'booking';
  });
  protected readonly short = computed(() => this.quantity() > this.max() && this.max() > 0);
  protected readonly bookable = computed(() => Math.min(this.quantity(), this.max()));
  /** The total price of the tickets that the button books. */
  protected readonly total = computed(() =>
    this.#money(this.desk.unsettled()?.quantity ?? (this.bookable() || this.quantity())),
  );
  protected readonly priceChanged = computed(
    () => this.#refusedPrice() !== null && this.#refusedPrice() !== this.event().price,
  );
  /** A problem for which the form has no message, so that it shows the server's. */
  protected readonly problem = computed(() => {
    const problem = this.desk.problem();
    return EXPLAINED_TYPES.includes(problem?.type ?? '') ? null : problem;
  });
  /** The last request was refused because nobody was signed in, and still nobody is. */
  protected readonly signedOut = computed(
    () => this.desk.problem()?.type === NOT_SIGNED_IN && this.session.user() === null,
  );
  /** The customer whose request was refused because another user is signed in now. */
  protected readonly refusedFor = signal<string | null>(null);
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
    this.refusedFor.set(null);
  }

  protected async book(): Promise<void> {
    const quantity = this.desk.unsettled()?.quantity ?? this.bookable();
    const user = this.session.user();
    if (!user || this.desk.busy() || quantity < 1) return;
    const { price } = this.event();
    this.refusedFor.set(null);
    this.quantity.set(quantity);
    const isBooked = await this.desk.book(quantity, (booking) =>
      this.#router.navigate(['/bookings', booking.id], {
        state: { booked: true },
        info: { booking } satisfies BookingHandedOver,
      }),
    );
    // The page may have been left before the answer came.
    if (!isBooked && !this.#destroyed.destroyed) this.#showRefusal(price, user.name);
  }

  #showRefusal(price: string, customer: string): void {
    const type = this.desk.problem()?.type;
    if (type === PRICE_CHANGED) this.#refusedPrice.set(price);
    if (type === NOT_ALLOWED) {
      this.refusedFor.set(customer);
      void this.session.refresh();
    }
    // The event may have changed: it is sold out, say, or has another price.
    this.outdated.emit();
    this.#customerLimit.reload();
    // Scroll to the notice once it is rendered.
    this.#onNextRender(() => this.bar()?.nativeElement.scrollIntoView({ block: 'nearest' }));
  }

  #money(quantity: number): string {
    const { price, currency } = this.event();
    return formatTotal(timesPrice(price, quantity), currency);
  }
}
