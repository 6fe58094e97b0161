import { Component, inject, input, linkedSignal, output, signal } from '@angular/core';
import { Webhook } from '../../api/admin-shapes';
import { Problem, toProblem } from '../../api/problem';
import { ServerClock } from '../../api/server-clock';
import { WebhooksClient } from '../../api/webhooks-client';
import { countOf } from '../../formats/count';
import { wallTimeAt } from '../event-form/wall-time';
import { Refusal } from '../../session/refusal';

/** Sends everything since a time again: the same messages with the same ids. */
@Component({
  selector: 'mq-webhook-replay',
  imports: [Refusal],
  template: `
    <div class="row">
      <div class="field">
        <label for="replay-since">Send again since</label>
        <input
          #since
          id="replay-since"
          class="input"
          type="datetime-local"
          aria-describedby="replay-note"
          [attr.aria-invalid]="wrong() !== ''"
          [value]="from()"
          (input)="from.set(since.value)"
        />
      </div>
      <button type="button" class="button" [attr.aria-disabled]="busy()" (click)="send()">
        {{ busy() ? 'One moment …' : 'Send again' }}
      </button>
    </div>
    <p id="replay-note" aria-live="polite">
      @if (wrong()) {
        <span class="field-error">{{ wrong() }}</span>
      } @else {
        <span class="hint">
          On your clock. The receiver knows messages that it has by their ids. Messages to customers
          are not sent again.
        </span>
      }
    </p>
    <p role="status" class="said">{{ said() }}</p>
    @if (problem(); as problem) {
      <mq-refusal [problem]="problem" />
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-2);
    }

    .row {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-3);
      align-items: end;
    }

    .said:empty {
      display: none;
    }
  `,
})
export class WebhookReplay {
  readonly webhook = input.required<Webhook>();
  /** Messages wait to be sent again. */
  readonly sent = output();

  readonly #webhooks = inject(WebhooksClient);
  readonly #clock = inject(ServerClock);
  /** Since it failed or was disabled, so that a receiver which is back gets what it has missed. */
  protected readonly from = linkedSignal(() => {
    const { disabled_at, failing_since } = this.webhook();
    const missed = [disabled_at, failing_since].filter((at) => at !== null).sort()[0];
    return missed === undefined ? '' : wallTimeAt(missed);
  });
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly wrong = signal('');
  protected readonly problem = signal<Problem | null>(null);

  protected async send(): Promise<void> {
    if (this.busy()) return;
    this.said.set('');
    this.problem.set(null);
    const from = new Date(this.from());
    this.wrong.set(
      Number.isNaN(from.getTime())
        ? 'Enter a day and a time.'
        : from.getTime() > this.#clock.now()
          ? 'This time is still to come.'
          : '',
    );
    if (this.wrong() !== '') return;
    this.busy.set(true);
    try {
      const messages = await this.#webhooks.sendAgain(
        this.webhook().id,
        from.toISOString().replace(/\.\d+Z$/, 'Z'),
      );
      this.said.set(
        messages === 0
          ? 'Nothing has happened since then that it is told.'
          : `${countOf(messages, 'message is', 'messages are')} sent again now.`,
      );
      this.sent.emit();
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
