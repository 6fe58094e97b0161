import {
  Component,
  computed,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminEvent, UserAccount } from '../../api/admin-shapes';
import { EventsClient } from '../../api/events-client';
import { Booking } from '../../api/shapes';
import { BookingDesk } from '../../bookings/desk/booking-desk';
import { countOf } from '../../formats/count';
import { formatTotal, timesPrice } from '../../formats/money';
import { totalInWords } from '../../formats/money-in-words';
import { formatPhone } from '../../formats/phone';
import { Refusal } from '../../session/refusal';
import { AskDialog } from '../../ui/ask-dialog';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { QuantityStepper } from '../../ui/quantity-stepper';
import { EraseUser } from '../erase-user';
import { CustomerNameForm } from './customer-name-form';
import { CustomerPasswordCode } from './customer-password-code';
import { CustomerPhone, phoneNote } from './customer-phone';
import { CustomerPicker } from './customer-picker';
import { onNextRender } from '../../ui/on-next-render';

const SALE_NOTES: Readonly<Record<string, string | undefined>> = {
  'not-yet-on-sale': 'Customers cannot book yet. The box office can.',
  'sale-ended': 'The sale to customers has ended. The box office can still sell.',
  started: 'The event has started. These tickets are sold at the door and cannot be cancelled.',
};

/** An admin books for a customer: who, how many, done; as safe to repeat as a customer's own. */
@Component({
  selector: 'mq-box-office',
  imports: [
    AskDialog,
    CustomerNameForm,
    CustomerPasswordCode,
    CustomerPhone,
    CustomerPicker,
    EraseUser,
    IsolatedPipe,
    QuantityStepper,
    Refusal,
    RouterLink,
  ],
  templateUrl: './box-office.html',
  styleUrl: './box-office.css',
  providers: [BookingDesk],
})
export class BoxOffice {
  readonly event = input.required<AdminEvent>();
  /** A booking was made, or what the page shows is known to be out of date. */
  readonly booked = output();

  readonly #onNextRender = onNextRender();
  private readonly outcome = viewChild<string, ElementRef<HTMLElement>>('outcome', {
    read: ElementRef,
  });

  protected readonly desk = inject(BookingDesk);
  protected readonly customer = signal<UserAccount | null>(null);
  /** The customer for whom an admin books although it is not known whose the number is. */
  readonly #accepted = signal<number | null>(null);
  readonly #customerId = computed(() => this.customer()?.id);
  readonly #customerLimit = inject(EventsClient).findCustomerLimit(this.event, this.#customerId);
  protected readonly limit = this.#customerLimit.value;
  /** The tickets are more than this customer may have. */
  protected readonly exceeds = computed(() => {
    const remaining = this.limit()?.remaining ?? null;
    return remaining !== null && this.desk.unsettled() === null && this.shown() > remaining;
  });
  /** An admin has said that this customer gets more. */
  protected readonly beyond = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  /** The box for it was needed, and not ticked. */
  protected readonly beyondMissing = signal(false);
  protected readonly settingPassword = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly renaming = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly erasing = linkedSignal({
    source: () => this.customer()?.id,
    computation: () => false,
  });
  protected readonly erased = signal(false);
  protected readonly quantity = signal(1);
  protected readonly booking = signal<Booking | null>(null);
  /** The price of the new booking, and how it is paid. */
  protected readonly money = computed(() => {
    const booking = this.booking();
    return booking === null ? null : totalInWords(booking, booking.event.how_to_pay);
  });
  protected readonly state = computed(() => {
    const event = this.event();
    if (!event.open_to_box_office) return 'closed';
    return event.tickets_available > 0 ? 'open' : 'sold-out';
  });
  protected readonly saleNote = computed(
    () => SALE_NOTES[this.event().closed_reason ?? ''] ?? null,
  );
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
  protected readonly phoneNote = phoneNote;

  constructor() {
    this.desk.open(this.event, this.#customerId);
  }

  protected chooseCustomer(customer: UserAccount): void {
    this.customer.set(customer);
    this.erased.set(false);
    this.desk.forgetProblem();
    this.#focusOutcome();
  }

  protected chooseNewCustomer(customer: UserAccount): void {
    this.#accepted.set(customer.id);
    this.chooseCustomer(customer);
  }

  protected changePhone(customer: UserAccount): void {
    this.customer.set(customer);
    this.#focusOutcome();
  }

  protected rename(customer: UserAccount): void {
    this.customer.set(customer);
    this.closeName();
  }

  protected closeName(): void {
    this.renaming.set(false);
    this.#focusOutcome();
  }

  protected closePassword(): void {
    this.settingPassword.set(false);
    this.#focusOutcome();
  }

  protected confirmErasure(): void {
    this.startOver();
    this.erased.set(true);
  }

  protected closeErasure(): void {
    this.erasing.set(false);
    this.#focusOutcome();
  }

  protected startOver(): void {
    this.customer.set(null);
    this.booking.set(null);
    this.beyondMissing.set(false);
    this.desk.forgetProblem();
    this.quantity.set(1);
    this.#focusOutcome();
  }

  /** Tickets of a customer who signed up with the number of somebody else would be gone. */
  protected bookOrAsk(ask: AskDialog<void>): void {
    this.beyondMissing.set(this.exceeds() && !this.beyond());
    if (this.beyondMissing()) return;
    const customer = this.customer();
    const mustAsk =
      customer !== null &&
      !customer.phone_verified &&
      customer.id !== this.#accepted() &&
      this.desk.unsettled() === null;
    if (mustAsk) ask.open();
    else void this.book();
  }

  protected readonly accept = (): Promise<void> => {
    this.#accepted.set(this.customer()?.id ?? null);
    return Promise.resolve();
  };

  protected async book(): Promise<void> {
    if (this.desk.busy()) return;
    const more = this.beyond() ? { beyond_customer_limit: true } : {};
    await this.desk.book(this.shown(), (booking) => this.booking.set(booking), more);
    this.beyond.set(false);
    this.#customerLimit.reload();
    this.booked.emit();
    this.#focusOutcome();
  }

  /** The pressed button is gone, so the focus moves to the result. */
  #focusOutcome(): void {
    this.#onNextRender(() => this.outcome()?.nativeElement.focus());
  }
}
