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

  protected readonly cancelled = computed(() => this.booking().status === 'cancelled');
  protected readonly state = computed(() => {
    const { event } = this.booking();
    if (event.status === 'cancelled') return 'Event cancelled';
    if (this.cancelled()) return 'Cancelled';
    return event.bookable ? null : 'Past';
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
