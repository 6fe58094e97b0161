import { Component, computed, input } from '@angular/core';
import { EventDetails } from '../api/shapes';

const CLOSED: Partial<Record<NonNullable<EventDetails['closed_reason']>, string>> = {
  started: 'Active, started',
  'not-yet-on-sale': 'Active, not yet on sale',
  'sale-ended': 'Active, sale ended',
};

/** An event's status as a word and a shape; and why customers cannot book an active event. */
@Component({
  selector: 'mq-status-tag',
  template: `<span class="mark" aria-hidden="true"></span>{{ words() }}`,
  host: { '[class]': 'event().status' },
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.5em;
      font-size: var(--size-small);
      font-weight: 600;
      white-space: nowrap;
    }

    .mark {
      flex: none;
      width: 0.7em;
      height: 0.7em;
      background: currentColor;
      forced-color-adjust: none;
    }

    :host(.active) {
      color: var(--good);
    }

    :host(.active) .mark {
      border-radius: 50%;
    }

    :host(.draft) {
      color: var(--ink-soft);
    }

    /* Only an outline, because others cannot see the event yet. */
    :host(.draft) .mark {
      border: 2px solid currentColor;
      background: none;
    }

    :host(.completed) {
      color: var(--ink-soft);
    }

    :host(.cancelled) {
      color: var(--bad);
    }

    :host(.cancelled) .mark {
      clip-path: polygon(
        20% 0,
        50% 30%,
        80% 0,
        100% 20%,
        70% 50%,
        100% 80%,
        80% 100%,
        50% 70%,
        20% 100%,
        0 80%,
        30% 50%,
        0 20%
      );
    }
  `,
})
export class StatusTag {
  readonly event = input.required<Pick<EventDetails, 'status' | 'bookable' | 'closed_reason'>>();

  protected readonly words = computed(() => {
    const event = this.event();
    if (event.status === 'draft') return 'Draft';
    if (event.status === 'cancelled') return 'Cancelled';
    if (event.status === 'completed') return 'Completed';
    return event.closed_reason === null ? 'Active' : (CLOSED[event.closed_reason] ?? 'Active');
  });
}
