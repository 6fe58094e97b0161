import { Component, ElementRef, input, output, signal, viewChild } from '@angular/core';
import { Problem, toProblem } from '../api/problem';
import { FormProblem } from './form-problem';

/** Makes ids unique, because a page may hold several dialogs. */
let count = 0;

/**
 * Asks before something that cannot be undone. What it does is projected into it; `action` does it,
 * and the dialog stays open with the reason when that fails.
 */
@Component({
  selector: 'mq-ask-dialog',
  imports: [FormProblem],
  template: `
    <dialog
      #dialog
      class="sheet"
      [attr.aria-labelledby]="id + '-heading'"
      [attr.aria-describedby]="id + '-words'"
      (close)="closed.emit()"
    >
      <h2 [id]="id + '-heading'">{{ heading() }}</h2>
      <div class="words" [id]="id + '-words'"><ng-content /></div>
      <mq-form-problem [problem]="problem()">
        @if (problem()?.status === 401) {
          <a class="button" href="/sign-in" target="_blank">Sign in in a new tab</a>
        }
      </mq-form-problem>
      <div class="actions">
        <button type="button" class="button" (click)="close()">{{ no() }}</button>
        <button
          type="button"
          class="button"
          [class.danger]="danger()"
          [attr.aria-disabled]="busy()"
          (click)="confirm()"
        >
          {{ busy() ? 'One moment …' : yes() }}
        </button>
      </div>
    </dialog>
  `,
  styles: `
    dialog {
      gap: var(--space-4);
    }

    dialog[open] {
      display: grid;
    }

    .words {
      display: grid;
      gap: var(--space-3);
    }
  `,
})
export class AskDialog<T> {
  readonly heading = input.required<string>();
  readonly yes = input.required<string>();
  readonly no = input.required<string>();
  readonly danger = input(true);
  readonly action = input.required<() => Promise<T>>();
  /** What came of it; the dialog is closed. */
  readonly confirmed = output<T>();

  /** Whether it was confirmed or not. */
  readonly closed = output();

  protected readonly id = `ask-${++count}`;
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);

  open(): void {
    this.problem.set(null);
    this.dialog().nativeElement.showModal();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  protected async confirm(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      const outcome = await this.action()();
      this.close();
      this.confirmed.emit(outcome);
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
