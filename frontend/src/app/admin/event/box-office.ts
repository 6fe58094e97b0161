import {
  afterNextRender,
  Component,
  computed,
  ElementRef,
  inject,
  Injector,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminEvent, Customer } from '../../api/admin-shapes';
import { BookingsClient } from '../../api/bookings-client';
import { Problem, toProblem } from '../../api/problem';
import { Booking } from '../../api/shapes';
import { BookingAttempts } from '../../bookings/desk/booking-attempts';
import { eventState } from '../../events/event-state';
import { countOf } from '../../formats/count';
import { formatMoney, isFree, timesPrice } from '../../formats/money';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { CustomerPasswordForm } from './customer-password-form';
import { CustomerPicker } from './customer-picker';

/** An admin books for a customer: who, how many, done; as safe to repeat as a customer's own. */
@Component({
  selector: 'mq-box-office',
  imports: [CustomerPasswordForm, CustomerPicker, QuantityStepper, RouterLink],
  templateUrl: './box-office.html',
  styleUrl: './box-office.css',
})
export class BoxOffice {
  readonly event = input.required<AdminEvent>();
  /** A booking was made, or what the page shows is known to be out of date. */
  readonly booked = output();

  readonly #attempts = inject(BookingAttempts);
  readonly #bookings = inject(BookingsClient);
  readonly #injector = inject(Injector);
  private readonly outcome = viewChild<ElementRef<HTMLElement>>('outcome');

  protected readonly customer = signal<Customer | null>(null);
  protected readonly settingPassword = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly passwordSet = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly quantity = signal(1);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly booking = signal<Booking | null>(null);
  protected readonly state = computed(() => eventState(this.event()));
  /** A refusal is newer than the event on the page. */
  readonly #available = linkedSignal(() => this.event().tickets_available);
  protected readonly max = computed(() =>
    Math.max(1, Math.min(this.#available(), this.event().max_tickets_per_booking)),
  );
  /** Sent and never answered: it must be settled before anything else can be chosen. */
  protected readonly unsettled = computed(() => {
    const customer = this.customer();
    return customer ? this.#attempts.unsettled(customer.id, this.event().id) : null;
  });
  protected readonly shown = computed(
    () => this.unsettled()?.quantity ?? Math.min(this.quantity(), this.max()),
  );
  protected readonly total = computed(() => {
    const { price, currency } = this.event();
    return isFree(price) ? 'Free' : formatMoney(timesPrice(price, this.shown()), currency);
  });
  protected readonly action = computed(() => {
    if (this.busy()) return 'Booking …';
    const tickets = countOf(this.shown(), 'ticket');
    return this.unsettled() === null ? `Book ${tickets}` : `Check the booking of ${tickets}`;
  });
  protected readonly countOf = countOf;

  protected choose(customer: Customer): void {
    this.customer.set(customer);
    this.problem.set(null);
    this.#focusOutcome();
  }

  protected welcome(customer: Customer): void {
    this.customer.set(customer);
    this.passwordSet.set(true);
    this.leavePassword();
  }

  protected leavePassword(): void {
    this.settingPassword.set(false);
    this.#focusOutcome();
  }

  protected again(): void {
    this.customer.set(null);
    this.booking.set(null);
    this.problem.set(null);
    this.quantity.set(1);
  }

  protected async book(customer: Customer): Promise<void> {
    if (this.busy()) return;
    const { id, price } = this.event();
    const attempt = this.unsettled() ?? this.#attempts.begin(customer.id, id, this.shown());
    this.busy.set(true);
    this.problem.set(null);
    this.#attempts.sent(attempt);
    try {
      const booking = await this.#bookings.book(
        {
          event_id: id,
          user_id: customer.id,
          quantity: attempt.quantity,
          expected_total_amount: timesPrice(price, attempt.quantity),
        },
        attempt.key,
      );
      this.#attempts.answered(attempt, 201);
      this.booking.set(booking);
    } catch (error) {
      const problem = toProblem(error);
      this.#attempts.answered(attempt, problem.status);
      if (problem.available !== undefined) this.#available.set(problem.available);
      this.problem.set(problem);
    } finally {
      this.busy.set(false);
      this.booked.emit();
      this.#focusOutcome();
    }
  }

  /** What was pressed is gone; the keyboard goes on where the answer is. */
  #focusOutcome(): void {
    afterNextRender(() => this.outcome()?.nativeElement.focus(), { injector: this.#injector });
  }
}
