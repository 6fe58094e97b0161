import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { IntegrityViolation } from '../api/admin-shapes';

/** Rows that contradict others: which, what they should be and what they are. */
@Component({
  selector: 'mq-findings-table',
  imports: [RouterLink],
  template: `
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
          @for (row of rows(); track $index) {
            <tr>
              <td>{{ row.words }}</td>
              <td>
                @if (row.event_id !== null) {
                  <a [routerLink]="['/admin/events', row.event_id]">{{ row.name }}</a>
                } @else {
                  {{ row.name }}
                }
              </td>
              <td>{{ row.expected ?? 'nothing' }}</td>
              <td>{{ row.actual ?? 'nothing' }}</td>
            </tr>
          }
        </tbody>
      </table>
    </div>
  `,
  styles: `
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
export class FindingsTable {
  readonly findings = input.required<readonly IntegrityViolation[]>();

  protected readonly rows = computed(() =>
    this.findings().map((finding) => ({
      ...finding,
      words: sentence(finding.kind),
      // A word has no number: the expected value begins with the word.
      name: finding.row_id === 0 ? finding.table_name : `${finding.table_name} ${finding.row_id}`,
    })),
  );
}

/** `tickets-sold-differs` reads “Tickets sold differs”. */
function sentence(kind: string): string {
  const words = kind.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
