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
import { Booking } from '../../api/shapes';
import { BookingDesk } from '../../bookings/desk/booking-desk';
import { eventState } from '../../events/event-state';
import { countOf } from '../../formats/count';
import { formatTotal, timesPrice } from '../../formats/money';
import { formatPhone } from '../../formats/phone';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { CustomerPasswordForm } from './customer-password-form';
import { CustomerPicker } from './customer-picker';

/** An admin books for a customer: who, how many, done; as safe to repeat as a customer's own. */
@Component({
  selector: 'mq-box-office',
  imports: [CustomerPasswordForm, CustomerPicker, IsolatedPipe, QuantityStepper, RouterLink],
  templateUrl: './box-office.html',
  styleUrl: './box-office.css',
  providers: [BookingDesk],
})
export class BoxOffice {
  readonly event = input.required<AdminEvent>();
  /** A booking was made, or what the page shows is known to be out of date. */
  readonly booked = output();

  readonly #injector = inject(Injector);
  private readonly outcome = viewChild<ElementRef<HTMLElement>>('outcome');

  protected readonly desk = inject(BookingDesk);
  protected readonly customer = signal<Customer | null>(null);
  readonly #customerId = computed(() => this.customer()?.id);
  protected readonly settingPassword = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly passwordSet = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly quantity = signal(1);
  protected readonly booking = signal<Booking | null>(null);
  protected readonly state = computed(() => eventState(this.event()));
  protected readonly max = computed(() =>
    Math.max(1, Math.min(this.desk.available(), this.event().max_tickets_per_booking)),
  );
  protected readonly shown = computed(
    () => this.desk.unsettled()?.quantity ?? Math.min(this.quantity(), this.max()),
  );
  protected readonly total = computed(() => {
    const { price, currency } = this.event();
    return formatTotal(timesPrice(price, this.shown()), currency);
  });
  protected readonly action = computed(() => {
    if (this.desk.busy()) return 'Booking …';
    const tickets = countOf(this.shown(), 'ticket');
    return this.desk.unsettled() === null ? `Book ${tickets}` : `Check the booking of ${tickets}`;
  });
  protected readonly countOf = countOf;
  protected readonly formatPhone = formatPhone;

  constructor() {
    this.desk.open(this.event, this.#customerId);
  }

  protected chooseCustomer(customer: Customer): void {
    this.customer.set(customer);
    this.desk.forgetProblem();
    this.#focusOutcome();
  }

  protected confirmPassword(customer: Customer): void {
    this.customer.set(customer);
    this.passwordSet.set(true);
    this.closePasswordForm();
  }

  protected closePasswordForm(): void {
    this.settingPassword.set(false);
    this.#focusOutcome();
  }

  protected startOver(): void {
    this.customer.set(null);
    this.booking.set(null);
    this.desk.forgetProblem();
    this.quantity.set(1);
  }

  protected async book(): Promise<void> {
    if (this.desk.busy()) return;
    await this.desk.book(this.shown(), (booking) => this.booking.set(booking));
    this.booked.emit();
    this.#focusOutcome();
  }

  /** What was pressed is gone; the keyboard goes on where the answer is. */
  #focusOutcome(): void {
    afterNextRender(() => this.outcome()?.nativeElement.focus(), { injector: this.#injector });
  }
}
