import { Component, computed, input, signal, viewChild } from '@angular/core';
import { AdminEvent } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { longMoment } from '../../formats/moment';
import { AskDialog } from '../../ui/ask-dialog';

/** Asks before an event for which tickets are sold gets another date or venue. */
@Component({
  selector: 'mq-move-dialog',
  imports: [AskDialog],
  template: `
    <mq-ask-dialog
      heading="Move this event?"
      yes="Save changes"
      no="Keep editing"
      [danger]="false"
      [action]="action()"
    >
      @if (words(); as words) {
        <p>This concerns {{ words.sold }} for {{ words.when }}, {{ words.venue }}.</p>
        <p>
          The customers see what changed on their tickets and in their bookings. Marquee sends them
          no message:
          <a target="_blank" [href]="words.list">see who has booked</a>.
        </p>
      }
    </mq-ask-dialog>
  `,
})
export class MoveDialog {
  readonly action = input.required<() => Promise<void>>();

  private readonly dialog = viewChild.required(AskDialog);
  readonly #event = signal<AdminEvent | null>(null);

  protected readonly words = computed(() => {
    const event = this.#event();
    if (event === null) return null;
    const { bookings, tickets_sold: sold } = event.statistics;
    return {
      sold: `${countOf(bookings, 'booking')} with ${countOf(sold, 'ticket')}`,
      when: longMoment(event.date_time, event),
      venue: event.venue,
      list: `/admin/events/${event.id}`,
    };
  });

  /** The event as it is now, before it moves. */
  open(event: AdminEvent): void {
    this.#event.set(event);
    this.dialog().open();
  }
}
