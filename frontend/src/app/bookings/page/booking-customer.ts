import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { Booking } from '../../api/shapes';
import { formatPhone } from '../../formats/phone';

/** Tells an admin whose booking is open, and leads back to where it came from. */
@Component({
  selector: 'mq-booking-customer',
  imports: [RouterLink],
  template: `
    <p class="screen-only">
      <a class="back-link" [routerLink]="['/admin/events', booking().event_id]"
        >The event’s bookings</a
      >
    </p>
    @if (customer(); as customer) {
      <p>
        Booked by <strong>{{ customer.name }}</strong>, {{ customer.phone }}
      </p>
    }
  `,
})
export class BookingCustomer {
  readonly booking = input.required<Booking>();

  readonly #found = inject(BookingsClient).ofEvent(
    () => this.booking().event_id,
    () => `No. ${this.booking().id}`,
  );
  protected readonly customer = computed(() => {
    const found = this.#found.items().find(({ id }) => id === this.booking().id);
    return found && { name: found.customer.name, phone: formatPhone(found.customer.phone) };
  });
}
