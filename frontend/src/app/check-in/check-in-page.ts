import { Component, computed, input } from '@angular/core';
import { Door } from './door';
import { EventChoice } from './event-choice';

/** First which event, then its door; the address remembers which. */
@Component({
  selector: 'mq-check-in-page',
  imports: [Door, EventChoice],
  template: `
    @if (eventId(); as eventId) {
      <mq-door [eventId]="eventId" />
    } @else {
      <mq-event-choice />
    }
  `,
})
export class CheckInPage {
  /** From the address. */
  readonly event = input<string>();

  protected readonly eventId = computed(() => {
    const id = Number(this.event());
    return Number.isSafeInteger(id) && id > 0 ? id : null;
  });
}
