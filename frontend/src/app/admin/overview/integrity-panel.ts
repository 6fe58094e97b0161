import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { toProblem } from '../../api/problem';
import { countOf } from '../../formats/count';
import { clockFormat } from '../../formats/venue-clock';
import { ProblemNotice } from '../../ui/problem-notice';
import { Integrity } from './integrity';

/** Whether the numbers can be trusted: every row that contradicts another, or the word that none does. */
@Component({
  selector: 'mq-integrity-panel',
  imports: [ProblemNotice, RouterLink],
  template: `
    @if (problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="integrity.lookAgain()" />
    } @else if (resource.hasValue()) {
      @if (findings().length === 0) {
        <p class="healthy" role="status">
          <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="m4 12.5 5.5 5.5L20 7" />
          </svg>
          <span
            ><strong>Healthy.</strong> Every number agrees with every row it is made of; no event is
            oversold. Compared at {{ time() }}.</span
          >
        </p>
      } @else {
        <details>
          <summary>
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
              <path d="m6 6 12 12M18 6 6 18" />
            </svg>
            <span role="alert"
              ><strong>{{ heading() }}.</strong> <span class="see">See which</span></span
            >
          </summary>
          <p>
            Somebody wrote around the rules. The site goes on; tell whoever looks after the
            database, and show them this list (<code>integrity_violations</code> in psql).
          </p>
          <div class="scroll" tabindex="0" role="region" aria-label="Findings">
            <table>
              <thead>
                <tr>
                  <th scope="col">Finding</th>
                  <th scope="col">Row</th>
                  <th scope="col">Should be</th>
                  <th scope="col">Is</th>
                </tr>
              </thead>
              <tbody>
                @for (finding of findings(); track $index) {
                  <tr>
                    <td>{{ finding.words }}</td>
                    <td>
                      @if (finding.table_name === 'events') {
                        <a [routerLink]="['/admin/events', finding.row_id]">{{ finding.row }}</a>
                      } @else {
                        {{ finding.row }}
                      }
                    </td>
                    <td>{{ finding.expected ?? 'nothing' }}</td>
                    <td>{{ finding.actual ?? 'nothing' }}</td>
                  </tr>
                }
              </tbody>
            </table>
          </div>
          <button
            type="button"
            class="button"
            [attr.aria-disabled]="resource.isLoading()"
            (click)="integrity.lookAgain()"
          >
            {{ resource.isLoading() ? 'Comparing …' : 'Look again' }}
          </button>
        </details>
      }
    } @else {
      <p class="soft" aria-busy="true">Comparing every number with its rows …</p>
    }
  `,
  styles: `
    .healthy {
      display: flex;
      gap: var(--space-2);
      align-items: baseline;
      color: var(--good);
    }

    .healthy .icon {
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
      margin-block-start: var(--space-4);
    }

    .scroll {
      overflow-x: auto;
    }

    table {
      width: 100%;
      border-collapse: collapse;
      text-align: start;
    }

    th {
      font-size: var(--size-small);
      text-align: start;
    }

    th,
    td {
      padding: var(--space-2) var(--space-3) var(--space-2) 0;
      border-block-end: 1px solid var(--line);
      vertical-align: baseline;
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
  protected readonly findings = computed(() =>
    (this.resource.hasValue() ? this.resource.value().items : []).map((item) => ({
      ...item,
      words: sentence(item.kind),
      row: `${item.table_name} ${item.row_id}`,
    })),
  );
  protected readonly time = computed(() =>
    this.resource.hasValue()
      ? clockFormat({ timeStyle: 'short' }).format(this.resource.value().at)
      : '',
  );
  protected readonly heading = computed(() =>
    this.findings().length === 1
      ? '1 row contradicts another'
      : `${countOf(this.findings().length, 'row')} contradict others`,
  );

  constructor() {
    this.integrity.refresh();
  }
}

/** `tickets-sold-differs` reads “Tickets sold differs”. */
function sentence(kind: string): string {
  const words = kind.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
