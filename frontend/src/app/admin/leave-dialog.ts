import { Component, input, viewChild } from '@angular/core';
import { AskDialog } from '../ui/ask-dialog';

/** Asks before a page is left on which something typed would be lost. */
@Component({
  selector: 'mq-leave-dialog',
  imports: [AskDialog],
  host: { '(window:beforeunload)': 'askBeforeUnload($event)' },
  template: `
    <mq-ask-dialog
      heading="Leave without saving?"
      yes="Leave"
      no="Stay here"
      [action]="leave"
      (confirmed)="answer(true)"
      (closed)="answer(false)"
    >
      <p>What you typed would be lost.</p>
    </mq-ask-dialog>
  `,
})
export class LeaveDialog {
  /** Whether something would be lost. */
  readonly unsaved = input.required<boolean>();

  private readonly dialog = viewChild.required<AskDialog<void>>(AskDialog);
  protected answer: (leaves: boolean) => void = () => undefined;
  protected readonly leave = () => Promise.resolve();

  /**
   * Asks. The page decides whether there is anything to lose: `unsaved` may be older than what it
   * has just saved.
   */
  ask(): Promise<boolean> {
    this.dialog().open();
    return new Promise((resolve) => (this.answer = resolve));
  }

  protected askBeforeUnload(event: BeforeUnloadEvent): void {
    if (this.unsaved()) event.preventDefault();
  }
}
