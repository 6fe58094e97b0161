import { Component, computed, inject, input, output, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminEvent, EventBooking } from '../../api/admin-shapes';
import { BookingsClient } from '../../api/bookings-client';
import { countOf } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { shortMoment } from '../../formats/moment';
import { formatMoney } from '../../formats/money';
import { totalInWords } from '../../formats/money-in-words';
import { formatPhone } from '../../formats/phone';
import { AskDialog } from '../../ui/ask-dialog';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { SearchBox } from '../../ui/search-box';

/** The bookings of one event: searched, counted, cancelled, downloaded. */
@Component({
  selector: 'mq-event-bookings',
  imports: [AskDialog, Icon, IsolatedPipe, MoreButton, ProblemNotice, RouterLink, SearchBox],
  templateUrl: './event-bookings.html',
  styleUrl: './event-bookings.css',
})
export class EventBookings {
  readonly event = input.required<AdminEvent>();
  /** A booking was cancelled here. */
  readonly changed = output();

  readonly #bookings = inject(BookingsClient);
  private readonly dialog = viewChild.required(AskDialog);
  protected readonly spreadsheet = computed(() => this.#bookings.fileUrl(this.event().id, 'xlsx'));
  protected readonly csv = computed(() => this.#bookings.fileUrl(this.event().id, 'csv'));

  protected readonly search = signal('');
  protected readonly list = this.#bookings.ofEvent(() => this.event().id, this.search);
  protected readonly rows = computed(() =>
    this.list.items().map((booking) => ({
      booking,
      phone: formatPhone(booking.customer.phone),
      when: shortMoment(booking.booking_date),
      tickets: countOf(booking.quantity, 'ticket'),
      total: formatMoney(booking.total_amount, booking.currency),
      boxOffice: booking.booked_by !== booking.customer.id,
      beyond: booking.beyond_customer_limit,
      cancelled: booking.status === 'cancelled',
      state: stateOf(booking),
    })),
  );
  protected readonly summary = computed(() => {
    if (this.list.loading() || this.list.problem() !== null) return '';
    const count = this.list.items().length;
    if (count === 0) return 'No bookings found';
    return `${countOf(count, 'booking')} shown${this.list.hasMore() ? ', more to load' : ''}`;
  });
  protected readonly chosen = signal<EventBooking | null>(null);
  /** What cancelling leaves for the organiser to do. */
  protected readonly money = computed(() => {
    const booking = this.chosen();
    const total = booking === null ? null : totalInWords(booking, null);
    return total === null
      ? null
      : `${total} Marquee records no payments: if the customer has paid, return the money yourself.`;
  });
  protected readonly cancelled = signal('');
  protected readonly countOf = countOf;

  reload(): void {
    this.list.reload();
  }

  protected searchFor(search: string): void {
    this.search.set(search);
    // The live region tells what the search found from now on.
    this.cancelled.set('');
  }

  protected askToCancel(booking: EventBooking): void {
    this.chosen.set(booking);
    this.cancelled.set('');
    this.dialog().open();
  }

  protected readonly cancelChosen = async (): Promise<void> => {
    const booking = this.chosen();
    if (booking === null) return;
    await this.#bookings.cancel(booking.id);
    this.cancelled.set(`Booking ${booking.id} of ${isolated(booking.customer.name)} is cancelled.`);
  };
}

function stateOf(booking: EventBooking): string {
  if (booking.status === 'cancelled') return 'Cancelled';
  const { tickets_checked_in: inside, quantity } = booking;
  if (inside === 0) return 'Confirmed';
  return inside === quantity ? 'All checked in' : `${inside} of ${quantity} checked in`;
}
