import { Component, DestroyRef, inject, input, output, signal } from '@angular/core';
import { Delivery, Webhook } from '../../api/admin-shapes';
import { Problem, toProblem } from '../../api/problem';
import { WebhooksClient } from '../../api/webhooks-client';
import { Refusal } from '../../session/refusal';

const EVERY_MS = 1000;
/** A receiver has 15 seconds to answer, and another message may be before this one. */
const LONGEST_MS = 40_000;

interface Outcome {
  tone: 'good' | 'bad' | 'warn';
  heading: string;
  words: string;
}

/** Sends a test message, and says what came of it. */
@Component({
  selector: 'mq-webhook-test',
  imports: [Refusal],
  template: `
    <button type="button" class="button" [attr.aria-disabled]="busy()" (click)="send()">
      {{ busy() ? 'Waiting for the answer …' : 'Send a test' }}
    </button>
    <div role="status">
      @if (outcome(); as outcome) {
        <div class="notice" [class]="outcome.tone">
          <p class="heading">{{ outcome.heading }}</p>
          <p>{{ outcome.words }}</p>
        </div>
      }
    </div>
    @if (problem(); as problem) {
      <mq-refusal [problem]="problem" />
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-3);
      justify-items: start;
    }

    .notice {
      overflow-wrap: anywhere;
    }
  `,
})
export class WebhookTest {
  readonly webhook = input.required<Webhook>();
  /** There is an answer. */
  readonly answered = output();

  readonly #webhooks = inject(WebhooksClient);
  readonly #page = inject(DestroyRef);
  protected readonly busy = signal(false);
  protected readonly outcome = signal<Outcome | null>(null);
  protected readonly problem = signal<Problem | null>(null);

  protected async send(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.outcome.set(null);
    this.problem.set(null);
    try {
      const { id } = await this.#webhooks.sendTest(this.webhook().id);
      this.outcome.set(outcomeOfTest(await this.#answerTo(id)));
      if (!this.#page.destroyed) this.answered.emit();
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  async #answerTo(id: number): Promise<Delivery | undefined> {
    const end = Date.now() + LONGEST_MS;
    while (Date.now() < end && !this.#page.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      const delivery = await this.#webhooks.currentDelivery(this.webhook().id, id);
      if (delivery !== undefined && delivery.next_attempt_at === null) return delivery;
    }
    return undefined;
  }
}

function outcomeOfTest(delivery: Delivery | undefined): Outcome {
  if (delivery === undefined) {
    return {
      tone: 'warn',
      heading: 'There is no answer yet',
      words:
        'The test is not sent yet, or its receiver takes long. Look at the messages below later.',
    };
  }
  const { delivered_at, last_status, last_error } = delivery;
  return delivered_at === null
    ? { tone: 'bad', heading: 'The test failed', words: last_error ?? '' }
    : {
        tone: 'good',
        heading: 'The test arrived',
        words: `The receiver answered with status ${last_status}.`,
      };
}
