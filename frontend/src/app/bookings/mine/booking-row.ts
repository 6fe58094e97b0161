import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Booking } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { formatTotal } from '../../formats/money';
import { DateBlock } from '../../ui/date-block';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { Poster } from '../../ui/poster';
import { When } from '../../ui/when';
import { changesInWords } from '../changes';

@Component({
  selector: 'mq-booking-row',
  imports: [DateBlock, Icon, IsolatedPipe, Poster, RouterLink, When],
  templateUrl: './booking-row.html',
  styleUrl: './booking-row.css',
})
export class BookingRow {
  readonly booking = input.required<Booking>();
  /** A heading with its month stands above it. */
  readonly belowMonth = input(false);

  protected readonly cancelled = computed(() => this.booking().status === 'cancelled');
  protected readonly state = computed(() => {
    const { event, cancelled_before_event } = this.booking();
    if (event.status === 'cancelled' && !cancelled_before_event) return 'Event cancelled';
    if (this.cancelled()) return 'Cancelled';
    return event.bookable ? null : 'Past';
  });
  /** Why the event does not take place; not why a booking given back before was cancelled. */
  protected readonly reason = computed(() => {
    const { event, cancelled_before_event } = this.booking();
    return cancelled_before_event ? null : event.cancellation_reason;
  });
  protected readonly changes = computed(() => changesInWords(this.booking()));
  protected readonly facts = computed(() => {
    const booking = this.booking();
    return {
      tickets: countOf(booking.quantity, 'ticket'),
      total: formatTotal(booking.total_amount, booking.currency),
    };
  });
}
