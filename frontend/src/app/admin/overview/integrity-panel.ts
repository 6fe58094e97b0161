import { Component, computed, inject } from '@angular/core';
import { toProblem } from '../../api/problem';
import { countOf } from '../../formats/count';
import { Icon } from '../../ui/icon';
import { ProblemNotice } from '../../ui/problem-notice';
import { FindingsTable } from '../findings-table';
import { Integrity, sweepWords } from './integrity';

/** Whether the numbers can be trusted: every row that contradicts another, or the word that none does. */
@Component({
  selector: 'mq-integrity-panel',
  imports: [FindingsTable, Icon, ProblemNotice],
  template: `
    @if (problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="integrity.refresh()" />
    } @else if (answer(); as answer) {
      @if (answer.violations > 0) {
        <details>
          <summary>
            <mq-icon name="cross" />
            <span role="alert"
              ><strong>{{ heading() }}.</strong> <span class="see">See which</span></span
            >
          </summary>
          <p>
            A statement has bypassed the rules of the database. The site keeps working. Tell the
            database administrator, who finds this list as <code>integrity_violations</code> in
            psql. A repaired row leaves the list when it is checked again. {{ progress() }}
          </p>
          <mq-findings-table [findings]="answer.items" />
          <button
            type="button"
            class="button"
            [attr.aria-disabled]="resource.isLoading()"
            (click)="integrity.refresh()"
          >
            {{ resource.isLoading() ? 'Looking …' : 'Look again' }}
          </button>
        </details>
      } @else if (answer.sweep.ended_at !== null) {
        <p class="healthy" role="status">
          <mq-icon name="check" />
          <span
            ><strong>Healthy.</strong> Every number agrees with every row it is made of; no event is
            oversold. <span class="soft">{{ progress() }}</span></span
          >
        </p>
      } @else {
        <p role="status">
          <strong>Nothing wrong so far.</strong> <span class="soft"> {{ progress() }}</span>
        </p>
      }
    } @else {
      <p class="soft" aria-busy="true">Reading what the check found …</p>
    }
  `,
  styles: `
    .healthy {
      display: flex;
      gap: var(--space-2);
      align-items: baseline;
      color: var(--good);
    }

    .healthy mq-icon {
      align-self: center;
    }

    summary {
      display: flex;
      gap: var(--space-2);
      align-items: center;
      color: var(--bad);
      cursor: pointer;
    }

    .see {
      margin-inline-start: var(--space-2);
      text-decoration: underline;
      text-decoration-thickness: 1px;
      text-underline-offset: 0.2em;
    }

    details p {
      max-width: var(--measure);
      margin-block: var(--space-3);
    }

    details .button {
      margin-block: var(--space-4);
    }
  `,
})
export class IntegrityPanel {
  protected readonly integrity = inject(Integrity);
  protected readonly resource = this.integrity.findings;
  protected readonly problem = computed(() => {
    const error = this.resource.error();
    return error === undefined ? null : toProblem(error);
  });
  protected readonly answer = computed(() =>
    this.resource.hasValue() ? this.resource.value() : null,
  );
  protected readonly progress = computed(() => {
    const answer = this.answer();
    return answer === null ? '' : sweepWords(answer.sweep, answer.at);
  });
  protected readonly heading = computed(() => {
    const violations = this.answer()?.violations ?? 0;
    return violations === 1
      ? '1 row contradicts another'
      : `${countOf(violations, 'row')} contradict others`;
  });

  constructor() {
    this.integrity.refresh();
  }
}
