import { Component, computed, input, signal, viewChild } from '@angular/core';
import { EditPreview } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { longMoment } from '../../formats/moment';
import { VenueClock } from '../../formats/venue-clock';
import { AskDialog } from '../../ui/ask-dialog';

interface Told {
  preview: EditPreview;
  eventId: number;
  /** Of the venue, as the event will have it. */
  clock: VenueClock;
}

/** Asks before guests are told that an event for which they have tickets has changed. */
@Component({
  selector: 'mq-tell-dialog',
  imports: [AskDialog],
  template: `
    <mq-ask-dialog
      heading="Tell the guests?"
      yes="Save and tell them"
      no="Keep editing"
      [danger]="false"
      [action]="action()"
    >
      @if (words(); as words) {
        <p>{{ words.reach }} will be told, in their notices and by mail if they have an address:</p>
        <blockquote dir="auto">{{ words.text }}</blockquote>
        <p>
          They can cancel free of charge until {{ words.until }}.
          <a target="_blank" [href]="words.list">See who has booked</a>
        </p>
      }
    </mq-ask-dialog>
  `,
  styles: `
    blockquote {
      margin: 0;
      padding-inline-start: var(--space-3);
      overflow-wrap: anywhere;
      border-inline-start: 3px solid var(--line-strong);
    }
  `,
})
export class TellDialog {
  readonly action = input.required<() => Promise<void>>();

  private readonly dialog = viewChild.required(AskDialog);
  readonly #told = signal<Told | null>(null);

  protected readonly words = computed(() => {
    const told = this.#told();
    if (told === null) return null;
    const { people, bookings, tickets, text, cancellable_until: until } = told.preview;
    const held = `${countOf(bookings, 'booking')} and ${countOf(tickets, 'ticket')}`;
    return {
      reach: `${countOf(people, 'person', 'people')} with ${held}`,
      text,
      until: longMoment(until ?? '', told.clock),
      list: `/admin/events/${told.eventId}`,
    };
  });

  open(told: Told): void {
    this.#told.set(told);
    this.dialog().open();
  }
}
