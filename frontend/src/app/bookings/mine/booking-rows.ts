import { Component, computed, input } from '@angular/core';
import { Booking } from '../../api/shapes';
import { byMonth } from '../../formats/by-month';
import { BookingRow } from './booking-row';

/** The bookings of a section; with a heading for each month, where they span months. */
@Component({
  selector: 'mq-booking-rows',
  imports: [BookingRow],
  template: `
    @for (month of months(); track month.name) {
      @if (months().length > 1) {
        <h3>{{ month.name }}</h3>
      }
      <ul>
        @for (booking of month.items; track booking.id) {
          <li><mq-booking-row [booking]="booking" [belowMonth]="months().length > 1" /></li>
        }
      </ul>
    }
  `,
  styles: `
    :host {
      display: block;
      margin-block-end: var(--space-4);
    }

    h3 {
      padding-block: var(--space-4) var(--space-3);
      font-size: var(--size-lead);
    }

    li {
      border-block-start: 1px solid var(--line);
    }
  `,
})
export class BookingRows {
  readonly bookings = input.required<readonly Booking[]>();
  readonly inMonths = input(false);

  protected readonly months = computed(() =>
    this.inMonths()
      ? byMonth(this.bookings(), ({ event }) => event)
      : [{ name: '', items: this.bookings() }],
  );
}
