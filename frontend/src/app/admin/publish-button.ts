import { Component, computed, inject, input, output, signal } from '@angular/core';
import { EventsClient } from '../api/events-client';
import { Problem, toProblem } from '../api/problem';
import { EventDetails } from '../api/shapes';
import { Refusal } from '../session/refusal';
import { draftOf, inputOf } from './event-form/event-draft';

/** Publishes drafts, one after another: from then on everybody sees them. */
@Component({
  selector: 'mq-publish-button',
  imports: [Refusal],
  template: `
    <button type="button" class="button action" [attr.aria-disabled]="busy()" (click)="publish()">
      {{ words() }}
    </button>
    @if (problem(); as problem) {
      <mq-refusal [problem]="problem" />
    }
  `,
})
export class PublishButton {
  readonly events = input.required<readonly EventDetails[]>();
  readonly published = output<EventDetails>();

  readonly #client = inject(EventsClient);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly words = computed(() => {
    if (this.busy()) return 'Publishing …';
    return this.events().length === 1 ? 'Publish' : 'Publish all';
  });

  protected async publish(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      for (const event of this.events()) {
        this.published.emit(
          await this.#client.save(event, inputOf(draftOf(event), event), 'active'),
        );
      }
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
