import { Component, computed, inject, input } from '@angular/core';
import { ServerClock } from '../api/server-clock';
import { EventDetails } from '../api/shapes';
import { countOf, formatCount } from '../formats/count';
import { nearMoment } from '../formats/moment';
import { eventState } from './event-state';

type EventOnSale = Pick<
  EventDetails,
  | 'status'
  | 'bookable'
  | 'closed_reason'
  | 'sale_starts_at'
  | 'time_zone'
  | 'utc_offset'
  | 'capacity'
  | 'tickets_available'
>;

/** So few tickets are worth hurrying for, unless the house is small and hardly sold. */
const FEW = 10;
const FEW_SHARE = 1 / 3;

const WORDS = {
  draft: 'Draft',
  cancelled: 'Cancelled',
  over: 'Over',
  'sold-out': 'Sold out',
  'sale-ended': 'Sale ended',
};

/** How many tickets are left, or why none can be booked: said by a shape and words, and by colour. */
@Component({
  selector: 'mq-availability',
  template: `<span class="mark" aria-hidden="true"></span>{{ state().words }}`,
  host: { '[class]': 'state().kind' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.5em;
      font-size: var(--size-small);
      font-weight: 600;
    }

    .mark {
      flex: none;
      width: 0.7em;
      height: 0.7em;
      background: currentColor;
    }

    :host(.plenty) {
      color: var(--good);
    }

    :host(.plenty) .mark {
      border-radius: 50%;
    }

    :host(.few) {
      color: var(--warn);
    }

    :host(.few) .mark {
      clip-path: polygon(50% 0, 100% 100%, 0 100%);
    }

    :host(.soon) {
      color: var(--ink-soft);
    }

    :host(.soon) .mark {
      border: 2px solid currentColor;
      border-radius: 50%;
      background: none;
    }

    :host(.none) {
      color: var(--ink-soft);
    }

    :host(.none) .mark {
      height: 0.2em;
    }
  `,
})
export class Availability {
  readonly event = input.required<EventOnSale>();

  readonly #clock = inject(ServerClock);

  protected readonly state = computed(() => {
    const event = this.event();
    const left = event.tickets_available;
    const state = eventState(event);
    if (state === 'not-yet') {
      const starts = nearMoment(event.sale_starts_at ?? '', event, this.#clock.now());
      return { kind: 'soon', words: `On sale from ${starts}` };
    }
    if (state !== 'open') return { kind: 'none', words: WORDS[state] };
    const few = left <= FEW && left <= event.capacity * FEW_SHARE;
    if (few) return { kind: 'few', words: `Only ${formatCount(left)} left` };
    return { kind: 'plenty', words: `${countOf(left, 'ticket')} left` };
  });
}
