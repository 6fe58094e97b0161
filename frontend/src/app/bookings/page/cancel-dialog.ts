import { Component, computed, inject, input, output, viewChild } from '@angular/core';
import { BookingsClient } from '../../api/bookings-client';
import { Booking } from '../../api/shapes';
import { countOf } from '../../formats/count';
import { shortMoment } from '../../formats/moment';
import { refundInWords } from '../../formats/money-in-words';
import { AskDialog } from '../../ui/ask-dialog';
import { IsolatedPipe } from '../../ui/isolated-pipe';

/** Asks before a booking is cancelled, and says what that does. */
@Component({
  selector: 'mq-cancel-dialog',
  imports: [AskDialog, IsolatedPipe],
  template: `
    <mq-ask-dialog
      heading="Cancel this booking?"
      yes="Cancel booking"
      no="Keep booking"
      [action]="cancelBooking"
      (confirmed)="cancelled.emit($event)"
    >
      <p>
        {{ tickets() }} for {{ booking().event.title | isolated }}, {{ when() }}.
        {{ booking().quantity === 1 ? 'Its code stops' : 'Their codes stop' }} working at once and
        the {{ booking().quantity === 1 ? 'ticket goes' : 'tickets go' }} back on sale. This cannot
        be undone.
      </p>
      @if (money(); as money) {
        <p>{{ money }}</p>
      }
    </mq-ask-dialog>
  `,
})
export class CancelDialog {
  readonly booking = input.required<Booking>();
  readonly cancelled = output<Booking>();

  readonly #bookings = inject(BookingsClient);
  private readonly dialog = viewChild.required(AskDialog);

  protected readonly tickets = computed(() => countOf(this.booking().quantity, 'ticket'));
  protected readonly money = computed(() => refundInWords(this.booking(), this.booking().event));
  protected readonly when = computed(() => {
    const { event } = this.booking();
    return shortMoment(event.date_time, event);
  });

  open(): void {
    this.dialog().open();
  }

  protected readonly cancelBooking = (): Promise<Booking> =>
    this.#bookings.cancel(this.booking().id);
}
