import { Component, computed, inject, input } from '@angular/core';
import { AdminClient } from '../../api/admin-client';
import { toProblem } from '../../api/problem';
import { timeOfDay } from '../../formats/moment';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { FindingsTable } from '../findings-table';

/** Checks an event when it is looked at: its figures against its bookings and tickets. */
@Component({
  selector: 'mq-event-integrity',
  imports: [FindingsTable, Icon, ProblemNotice],
  template: `
    @if (problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="reload()" />
    } @else if (answer(); as answer) {
      @if (answer.items.length === 0) {
        <p class="healthy" role="status">
          <mq-icon name="check" />
          <span
            ><strong>Healthy.</strong> These figures agree with every booking and ticket.
            <span class="soft">Checked at {{ time() }}.</span></span
          >
        </p>
      } @else {
        <p class="wrong" role="alert">
          <strong>These figures cannot be trusted:</strong> a statement has bypassed the rules of
          the database. Tell the database administrator.
          <span class="soft">Checked at {{ time() }}.</span>
        </p>
        <mq-findings-table [findings]="answer.items" />
        <button
          type="button"
          class="button"
          [attr.aria-disabled]="resource.isLoading()"
          (click)="reload()"
        >
          {{ resource.isLoading() ? 'Checking …' : 'Check again' }}
        </button>
      }
    } @else {
      <p class="soft" aria-busy="true">Checking these figures …</p>
    }
  `,
  styles: `
    :host {
      display: block;
      /* Room for its answer before it is there. */
      min-height: 4.8rem;
    }

    @media (width >= 46rem) {
      :host {
        min-height: 1.6rem;
      }
    }

    .healthy {
      display: flex;
      gap: var(--space-2);
      align-items: baseline;
      color: var(--good);
    }

    .healthy mq-icon {
      align-self: center;
    }

    .wrong {
      max-width: var(--measure);
      margin-block-end: var(--space-3);
      color: var(--bad);
    }

    .button {
      margin-block-start: var(--space-4);
    }
  `,
})
export class EventIntegrity {
  readonly eventId = input.required<number>();

  protected readonly resource = inject(AdminClient).findEventIntegrity(this.eventId);
  protected readonly problem = computed(() => {
    const error = this.resource.error();
    return error === undefined ? null : toProblem(error);
  });
  protected readonly answer = computed(() =>
    this.resource.hasValue() ? this.resource.value() : null,
  );
  protected readonly time = computed(() => {
    const checkedAt = this.answer()?.checked_at;
    return checkedAt === undefined ? '' : timeOfDay(checkedAt);
  });

  reload(): void {
    this.resource.reload();
  }
}
