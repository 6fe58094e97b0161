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
import { loaded } from '../../api/loaded';
import { Booking } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { hoursInWords, moreFacts } from '../../formats/event-facts';
import { mapLink } from '../../formats/map-link';
import { isPast, shortMoment } from '../../formats/moment';
import { formatMoney, formatTotal, isFree } from '../../formats/money';
import { PageTitle } from '../../shell/page-title';
import { Icon } from '../../ui/icon';
import { LoadedPage } from '../../ui/loaded-page';
import { When } from '../../ui/when';
import { changesInWords } from '../changes';
import { TicketCard } from '../ticket/ticket-card';
import { calendarFile } from './calendar-file';
import { CancelDialog } from './cancel-dialog';
import { saveFile } from './save-file';

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
  imports: [CancelDialog, Icon, LoadedPage, RouterLink, TicketCard, When],
  templateUrl: './booking-page.html',
  styleUrl: './booking-page.css',
})
export class BookingPage implements OnInit {
  readonly id = input.required<string>();

  readonly #clipboard = inject(Clipboard);
  readonly #page = inject(DOCUMENT);
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');

  readonly #handedOver = inject(Router).currentNavigation()?.extras.info as
    BookingHandedOver | undefined;
  protected readonly loaded = loaded(inject(BookingsClient).find(this.id), this.id);
  protected readonly booking = this.loaded.value;
  /** Set by the booking form: this visit is the confirmation. */
  protected readonly justBooked = signal(
    (this.#page.defaultView?.history.state as { booked?: boolean } | null)?.booked === true,
  );
  protected readonly justCancelled = signal(false);
  protected readonly copied = signal<boolean | null>(null);
  protected readonly facts = computed(() => {
    const booking = this.booking();
    if (booking === undefined) return null;
    const { date_time: moment } = booking.event;
    const cancelled = booking.status === 'cancelled';
    const eventCancelled = booking.event.status === 'cancelled';
    return {
      cancelled,
      eventCancelled,
      changes: changesInWords(booking),
      hours: hoursInWords(booking.event),
      map: mapLink(booking.event.address ?? booking.event.venue),
      more: moreFacts(booking.event),
      over: booking.event.status === 'completed' || isPast(moment),
      heading: this.#headingOf(booking, cancelled),
      tickets: countOf(booking.quantity, 'ticket'),
      total: formatTotal(booking.total_amount, booking.currency),
      unitPrice:
        booking.quantity > 1 && !isFree(booking.unit_price)
          ? formatMoney(booking.unit_price, booking.currency)
          : null,
      booked: shortMoment(booking.booking_date),
      cancelledAt: booking.cancelled_at === null ? null : shortMoment(booking.cancelled_at),
    };
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const booking = this.booking();
      if (booking !== undefined) {
        title.set(`${this.facts()?.heading ?? 'Booking'}: ${booking.event.title}`);
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

  protected addToCalendar(booking: Booking): void {
    const url = new URL(`/bookings/${booking.id}`, this.#page.baseURI).href;
    const codes = booking.tickets.map((ticket) => ticket.ticket_code).join('\n');
    const doors = booking.event.doors_open;
    const description = [
      countOf(booking.quantity, 'ticket'),
      ...(doors === null ? [] : [`Doors ${doors}`]),
      codes,
    ];
    const file = calendarFile(
      {
        bookingId: booking.id,
        title: booking.event.title,
        venue: [booking.event.venue, booking.event.address].filter(Boolean).join(', '),
        start: booking.event.date_time,
        end: booking.event.ends_at,
        description: description.join('\n'),
        url,
      },
      new Date(),
    );
    saveFile(this.#page, file, 'text/calendar', `marquee-booking-${booking.id}.ics`);
  }

  protected showCancelled(booking: Booking): void {
    this.loaded.set(booking);
    this.justBooked.set(false);
    this.justCancelled.set(true);
    // The button that opened the dialog is gone; the heading says what happened.
    this.heading()?.nativeElement.focus();
  }

  #headingOf(booking: Booking, cancelled: boolean): string {
    if (booking.event.status === 'cancelled') return 'This event was cancelled';
    if (cancelled) return 'Booking cancelled';
    if (this.justBooked()) return 'You’re going';
    return booking.quantity === 1 ? 'Your ticket' : 'Your tickets';
  }
}
