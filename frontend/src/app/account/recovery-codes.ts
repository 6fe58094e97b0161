import { Clipboard } from '@angular/cdk/clipboard';
import { Component, DOCUMENT, inject, input, output, signal } from '@angular/core';
import { Icon } from '../ui/icon';

/** The recovery codes, which are shown once. */
@Component({
  selector: 'mq-recovery-codes',
  imports: [Icon],
  template: `
    <div class="panel">
      <p class="heading">Keep these recovery codes</p>
      <p>
        If you lose your phone, one of them replaces the code of the app. Each works once. They are
        not shown again: print them, or save them where nobody else can read them.
      </p>
      <ol>
        @for (code of codes(); track code) {
          <li>{{ code }}</li>
        }
      </ol>
      <div class="actions screen-only">
        <button type="button" class="button" (click)="print()">
          <mq-icon name="print" />
          Print
        </button>
        <button type="button" class="button" (click)="copy()">
          <mq-icon name="copy" />
          Copy
        </button>
        <button type="button" class="button action" (click)="kept.emit()">I have kept them</button>
      </div>
      <p role="status" class="screen-only">{{ said() }}</p>
    </div>
  `,
  styles: `
    .panel {
      display: grid;
      gap: var(--space-3);
      max-width: var(--measure);
    }

    .heading {
      font-weight: 600;
    }

    ol {
      display: grid;
      gap: var(--space-1);
      padding-inline-start: 2rem;
      font-variant-numeric: tabular-nums;
      list-style: decimal;
      overflow-wrap: anywhere;
    }

    p:empty {
      display: none;
    }
  `,
})
export class RecoveryCodes {
  readonly codes = input.required<readonly string[]>();
  readonly kept = output();

  readonly #clipboard = inject(Clipboard);
  readonly #page = inject(DOCUMENT);
  protected readonly said = signal('');

  protected print(): void {
    this.#page.defaultView?.print();
  }

  protected copy(): void {
    this.said.set(
      this.#clipboard.copy(this.codes().join('\n'))
        ? 'The codes are copied.'
        : 'This browser does not allow copying. Print them instead.',
    );
  }
}
