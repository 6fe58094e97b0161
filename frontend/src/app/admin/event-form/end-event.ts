import { Component, computed, inject, input, output, signal, viewChild } from '@angular/core';
import { AdminClient } from '../../api/admin-client';
import { EventsClient } from '../../api/events-client';
import { AdminEvent } from '../../api/admin-shapes';
import { Problem, toProblem } from '../../api/problem';
import { Refusal } from '../../session/refusal';
import { AskDialog } from '../../ui/ask-dialog';
import { consequences, Ending } from './consequences';
import { draftOf, inputOf } from './event-draft';

/** Marking an event completed or cancelling it, its consequences counted before it is done. */
@Component({
  selector: 'mq-end-event',
  imports: [AskDialog, Refusal],
  template: `
    <section aria-labelledby="end-heading">
      <h2 id="end-heading">End this event</h2>
      <p class="soft">
        Ending an event cannot be undone. You see what it does before you confirm it. Changes above
        that are not saved are lost.
      </p>
      @if (problem(); as problem) {
        <mq-refusal [problem]="problem" />
      }
      <div class="actions">
        @if (event().status === 'active') {
          <button
            type="button"
            class="button"
            [attr.aria-disabled]="busy()"
            (click)="askToEnd('completed')"
          >
            Mark as completed …
          </button>
        }
        <button
          type="button"
          class="button danger"
          [attr.aria-disabled]="busy()"
          (click)="askToEnd('cancelled')"
        >
          Cancel event …
        </button>
      </div>
    </section>
    <mq-ask-dialog
      [heading]="words().heading"
      [yes]="words().yes"
      [no]="event().status === 'draft' ? 'Keep the draft' : 'Leave it active'"
      [danger]="ending() === 'cancelled'"
      [action]="endEvent"
      (confirmed)="finished.emit()"
    >
      @for (line of words().lines; track $index) {
        <p>{{ line }}</p>
      }
      @if (ending() === 'cancelled') {
        <div class="field">
          <label for="cancellation-reason">Reason</label>
          <input
            #reasonField
            id="cancellation-reason"
            class="input"
            autocomplete="off"
            maxlength="500"
            aria-describedby="cancellation-reason-note"
            [value]="reason()"
            (input)="reason.set(reasonField.value)"
          />
          <p id="cancellation-reason-note" class="hint">
            Guests read it on the event, on their tickets and in their bookings. It may be empty,
            and cannot be changed later.
          </p>
        </div>
      }
    </mq-ask-dialog>
  `,
  styles: `
    section {
      display: grid;
      gap: var(--space-3);
      max-width: var(--measure);
      margin-block-start: var(--space-7);
    }

    h2 {
      padding-block: var(--space-2) 0;
      border-block-start: var(--rule);
    }
  `,
})
export class EndEvent {
  readonly event = input.required<AdminEvent>();
  readonly finished = output();

  readonly #events = inject(EventsClient);
  readonly #admin = inject(AdminClient);
  private readonly dialog = viewChild.required(AskDialog);

  /** The event, loaded again for the question: sales go on during an edit. */
  readonly #current = signal<AdminEvent | null>(null);
  protected readonly ending = signal<Ending>('completed');
  protected readonly reason = signal('');
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly words = computed(() =>
    consequences(this.#current() ?? this.event(), this.ending()),
  );

  protected async askToEnd(ending: Ending): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.#current.set(await this.#admin.currentEvent(this.event().id));
      this.ending.set(ending);
      this.dialog().open();
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected readonly endEvent = async (): Promise<void> => {
    const event = this.#current() ?? this.event();
    const reason = this.ending() === 'cancelled' ? this.reason().trim() || null : null;
    await this.#events.save(event, inputOf(draftOf(event), event), this.ending(), reason);
  };
}
