import { Component, computed, inject, input, output, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { Booking } from '../../api/shapes';
import { TicketsClient } from '../../api/tickets-client';
import { formatPhone } from '../../formats/phone';
import { AskDialog } from '../../ui/ask-dialog';
import { IsolatedPipe } from '../../ui/isolated-pipe';

/** Tells an admin whose booking is open, checks its tickets in, and leads back to its event. */
@Component({
  selector: 'mq-booking-customer',
  imports: [AskDialog, IsolatedPipe, RouterLink],
  template: `
    <p class="screen-only">
      <a class="back-link" [routerLink]="['/admin/events', booking().event_id]"
        >The event’s bookings</a
      >
    </p>
    @if (customer(); as customer) {
      <p>
        Booked by <strong>{{ customer.name | isolated }}</strong>, {{ customer.phone }}
      </p>
    }
    @if (next(); as next) {
      <p class="screen-only check-in">
        <button type="button" class="button small" (click)="dialog().open()">
          Check in {{ next.words }} …
        </button>
      </p>
      <mq-ask-dialog
        yes="Check in"
        no="Not now"
        [danger]="false"
        [heading]="'Check in ' + next.words + '?'"
        [action]="checkIn"
        (confirmed)="checkedIn.emit()"
      >
        <p>Its code then admits nobody else. This cannot be undone here.</p>
      </mq-ask-dialog>
    }
    <p role="status" [class.visually-hidden]="said() === ''">{{ said() }}</p>
  `,
  styles: `
    .check-in {
      margin-block: var(--space-3) var(--space-4);
    }
  `,
})
export class BookingCustomer {
  readonly booking = input.required<Booking>();
  /** A ticket was used: the booking is not up to date any more. */
  readonly checkedIn = output();

  readonly #tickets = inject(TicketsClient);
  readonly #found = inject(BookingsClient).ofEvent(
    () => this.booking().event_id,
    () => `No. ${this.booking().id}`,
  );
  protected readonly dialog = viewChild.required(AskDialog);
  protected readonly said = signal('');
  protected readonly customer = computed(() => {
    const found = this.#found.items().find(({ id }) => id === this.booking().id);
    return found && { name: found.customer.name, phone: formatPhone(found.customer.phone) };
  });
  /** The first ticket that has not been used. */
  protected readonly next = computed(() => {
    const { tickets } = this.booking();
    const index = tickets.findIndex(({ status }) => status === 'active');
    const ticket = tickets[index];
    return ticket === undefined
      ? null
      : {
          code: ticket.ticket_code,
          words: tickets.length === 1 ? 'the ticket' : `ticket ${index + 1} of ${tickets.length}`,
        };
  });

  protected readonly checkIn = async (): Promise<void> => {
    const ticket = this.next();
    if (ticket === null) return;
    await this.#tickets.checkIn(ticket.code.replaceAll('-', ''), this.booking().event_id);
    const [first, ...rest] = ticket.words;
    this.said.set(`${first?.toUpperCase() ?? ''}${rest.join('')} is checked in.`);
  };
}
