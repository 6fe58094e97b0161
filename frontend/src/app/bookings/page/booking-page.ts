import { Clipboard } from '@angular/cdk/clipboard';
import {
  Component,
  computed,
  DOCUMENT,
  effect,
  ElementRef,
  inject,
  input,
  OnInit,
  signal,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { Loaded, loaded } from '../../api/loaded';
import { isAway } from '../../api/problem';
import { Booking } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { hoursInWords, moreFacts } from '../../formats/event-facts';
import { isolated } from '../../formats/isolated';
import { mapLink } from '../../formats/map-link';
import { shortMoment } from '../../formats/moment';
import { formatMoney, formatTotal, isFree } from '../../formats/money';
import { refundOfBooking, refundOfEvent } from '../../formats/money-in-words';
import { CurrentSession } from '../../session/current-session';
import { DeviceBookings } from '../../session/device-bookings';
import { PageTitle } from '../../shell/page-title';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { SwipeStrip } from '../../ui/swipe-strip';
import { When } from '../../ui/when';
import { changesInWords } from '../changes';
import { FullScreenCodes } from '../ticket/full-screen-codes';
import { DeviceNotice } from '../device-notice';
import { TicketCard } from '../ticket/ticket-card';
import { BookingCustomer } from './booking-customer';
import { CancelDialog } from './cancel-dialog';

/**
 * What a navigation to this page may bring along. It is the navigation's `info` and not its
 * `state`, which the browser keeps: a reload or a step back must ask for the booking as it is then.
 */
export interface BookingHandedOver {
  booking: Booking;
}

/** The confirmation right after booking, and the tickets at hand ever after. */
@Component({
  selector: 'mq-booking-page',
  imports: [
    BookingCustomer,
    CancelDialog,
    DeviceNotice,
    FullScreenCodes,
    Icon,
    IsolatedPipe,
    LoadedPage,
    RouterLink,
    SwipeStrip,
    TicketCard,
    When,
  ],
  templateUrl: './booking-page.html',
  styleUrl: './booking-page.css',
})
export class BookingPage implements OnInit {
  readonly id = input.required<string>();

  readonly #clipboard = inject(Clipboard);
  readonly #page = inject(DOCUMENT);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');

  readonly #handedOver = inject(Router).currentNavigation()?.extras.info as
    BookingHandedOver | undefined;
  readonly #device = inject(DeviceBookings);
  readonly #bookings = inject(BookingsClient);
  readonly #answer = loaded(this.#bookings.find(this.id), this.id);
  /** The copy of the booking on this device, while the server does not answer. */
  protected readonly kept = computed(() => {
    const problem = this.#answer.problem();
    return problem !== null && isAway(problem) ? this.#device.find(this.id()) : null;
  });
  protected readonly booking = computed(() => this.#answer.value() ?? this.kept()?.booking);
  protected readonly loaded: Loaded<Booking> = { ...this.#answer, value: this.booking };
  /** Set by the booking form: this visit is the confirmation. */
  protected readonly justBooked = signal(
    (this.#page.defaultView?.history.state as { booked?: boolean } | null)?.booked === true,
  );
  /** An admin looks at a customer's booking. */
  protected readonly isOfOther = computed(
    () => this.#session.isAdmin() && this.booking()?.user_id !== this.#session.user()?.id,
  );
  protected readonly justCancelled = signal(false);
  protected readonly copied = signal<boolean | null>(null);
  /** The name on the tickets, when it is the person who looks at them. */
  protected readonly holder = computed(() => {
    const user = this.#session.user();
    return user?.id === this.booking()?.user_id ? (user?.name ?? null) : null;
  });
  protected readonly facts = computed(() => {
    const booking = this.booking();
    if (booking === undefined) return null;
    const cancelled = booking.status === 'cancelled';
    return {
      cancelled,
      calendarFile: this.#bookings.calendarFileUrl(booking.id),
      changes: changesInWords(booking),
      hours: hoursInWords(booking.event),
      map: mapLink(booking.event.address ?? booking.event.venue),
      more: moreFacts(booking.event),
      over: !booking.event.bookable,
      heading: this.#headingOf(booking),
      lead: this.#leadOf(booking),
      tickets: countOf(booking.quantity, 'ticket'),
      refund: cancelled && !isFree(booking.total_amount) ? refundOf(booking) : null,
      total: formatTotal(booking.total_amount, booking.currency),
      unitPrice:
        booking.quantity > 1 && !isFree(booking.unit_price)
          ? formatMoney(booking.unit_price, booking.currency)
          : null,
      booked: shortMoment(booking.booking_date),
    };
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const booking = this.#answer.value();
      if (booking !== undefined) this.#device.keep(booking);
    });
    effect(() => {
      const booking = this.booking();
      if (booking !== undefined) {
        title.set(`${this.facts()?.heading ?? 'Booking'}: ${isolated(booking.event.title)}`);
      } else if (this.loaded.missing()) {
        title.set('No such booking');
      }
    });
  }

  ngOnInit(): void {
    const booking = this.#handedOver?.booking;
    // Set before the first request would leave: then none does.
    if (booking !== undefined && String(booking.id) === this.id()) this.loaded.set(booking);
  }

  protected print(): void {
    this.#page.defaultView?.print();
  }

  protected copyAll(booking: Booking): void {
    const codes = booking.tickets.map((ticket) => ticket.ticket_code).join('\n');
    this.copied.set(this.#clipboard.copy(codes));
  }

  protected showCancelled(booking: Booking): void {
    this.loaded.set(booking);
    this.justBooked.set(false);
    this.justCancelled.set(true);
    // The button that opened the dialog is gone; the heading says what happened.
    this.heading()?.nativeElement.focus();
  }

  #headingOf(booking: Booking): string {
    if (isCancelledWithEvent(booking)) return 'This event was cancelled';
    if (booking.status === 'cancelled') return 'Booking cancelled';
    if (this.justBooked()) return 'You’re going';
    if (this.isOfOther()) return booking.quantity === 1 ? 'Ticket' : 'Tickets';
    return booking.quantity === 1 ? 'Your ticket' : 'Your tickets';
  }

  /** A sentence above the tickets, or null if the tickets need none. */
  #leadOf(booking: Booking): string | null {
    const tickets = countOf(booking.quantity, 'ticket');
    if (this.justCancelled()) return `${tickets} given back. The ticket codes no longer work.`;
    if (booking.status === 'cancelled') {
      const when = booking.cancelled_at === null ? '' : ` on ${shortMoment(booking.cancelled_at)}`;
      const words = `Your booking of ${tickets} was cancelled${when}. The ticket codes no longer work.`;
      const { cancellation_reason } = booking.event;
      const reason = cancellation_reason === null ? '' : isolated(cancellation_reason);
      return booking.cancelled_before_event
        ? `${words} Later the event was cancelled as well. ${reason}`.trim()
        : `${reason} ${words}`.trim();
    }
    if (this.justBooked()) {
      return `${tickets} booked. Show the codes at the door, on this screen or on paper.`;
    }
    return booking.event.status !== 'cancelled' && !booking.event.bookable
      ? 'This event is over.'
      : null;
  }
}

function isCancelledWithEvent({ event, cancelled_before_event }: Booking): boolean {
  return event.status === 'cancelled' && !cancelled_before_event;
}

function refundOf(booking: Booking): string {
  const { organiser_contact: contact } = booking.event;
  return isCancelledWithEvent(booking) ? refundOfEvent(contact) : refundOfBooking(contact);
}
