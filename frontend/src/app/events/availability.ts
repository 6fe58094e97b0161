import { Component, computed, input } from '@angular/core';
import { EventDetails } from '../api/shapes';
import { countOf, formatCount } from '../formats/count';
import { eventState } from './event-state';

/** So few tickets are worth hurrying for, unless the house is small and hardly sold. */
const FEW = 10;
const FEW_SHARE = 1 / 3;

const WORDS = { draft: 'Draft', cancelled: 'Cancelled', over: 'Over', 'sold-out': 'Sold out' };

/** How many tickets are left, said by a shape and words as well as by colour. */
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

    :host(.none) {
      color: var(--ink-soft);
    }

    :host(.none) .mark {
      height: 0.2em;
    }
  `,
})
export class Availability {
  readonly event =
    input.required<Pick<EventDetails, 'status' | 'bookable' | 'capacity' | 'tickets_available'>>();

  protected readonly state = computed(() => {
    const event = this.event();
    const left = event.tickets_available;
    const state = eventState(event);
    if (state !== 'open') return { kind: 'none', words: WORDS[state] };
    const few = left <= FEW && left <= event.capacity * FEW_SHARE;
    if (few) return { kind: 'few', words: `Only ${formatCount(left)} left` };
    return { kind: 'plenty', words: `${countOf(left, 'ticket')} left` };
  });
}
