import { Component, computed, input } from '@angular/core';
import { Webhook } from '../../api/admin-shapes';
import { stateOf } from './webhook-words';

/** Whether a webhook works: a word, and a mark for people who do not see its colour. */
@Component({
  selector: 'mq-webhook-state',
  template: `
    <p class="tone" [class]="state().tone">
      <span aria-hidden="true">{{ marks[state().tone] }}</span> {{ state().words }}
    </p>
    @if (state().why; as why) {
      <p class="soft small">{{ why }}</p>
    }
  `,
  styles: `
    .tone {
      font-weight: 700;
    }

    .good {
      color: var(--good);
    }

    .warn {
      color: var(--warn);
    }

    .bad {
      color: var(--bad);
    }
  `,
})
export class WebhookStateLine {
  readonly webhook = input.required<Webhook>();

  protected readonly state = computed(() => stateOf(this.webhook()));
  protected readonly marks = { good: '✓', warn: '!', bad: '✕' } as const;
}
