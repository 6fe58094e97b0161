import { afterNextRender, Component, ElementRef, inject, signal, viewChild } from '@angular/core';
import { applyWhen, form, FormRoot, required } from '@angular/forms/signals';
import { SecondFactorClient } from '../api/second-factor-client';
import { submitting } from '../api/submitting';
import { TextField } from '../ui/text-field';
import { Confirmation } from './confirmation';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';

/** The one dialog that asks for the password again, and for the second factor where it is on. */
@Component({
  selector: 'mq-confirm-dialog',
  imports: [FormProblem, FormRoot, PasswordField, TextField],
  template: `
    <dialog
      #dialog
      class="sheet"
      aria-labelledby="confirm-heading"
      aria-describedby="confirm-words"
      (close)="closed()"
    >
      <form [formRoot]="form">
        <h2 id="confirm-heading">Is it you?</h2>
        <p id="confirm-words">
          This concerns an account. Give your password again, so that nobody else can do it on your
          computer.
        </p>
        <mq-form-problem [problem]="sending.problem()" />
        <mq-password-field
          name="confirm-password"
          label="Your own password"
          [field]="form.password"
        />
        @if (secondFactor) {
          <mq-text-field
            name="confirm-code"
            label="Code of your authenticator app"
            hint="Six digits, or a recovery code."
            autocomplete="one-time-code"
            [field]="form.code"
          />
        }
        <div class="actions">
          <button type="button" class="button" (click)="close()">Never mind</button>
          <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
            {{ form().submitting() ? 'One moment …' : 'Confirm' }}
          </button>
        </div>
      </form>
    </dialog>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-3);
    }
  `,
})
export class ConfirmDialog {
  readonly #confirmation = inject(Confirmation);
  readonly #factor = inject(SecondFactorClient);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  /** Each question gets a new dialog. */
  protected readonly secondFactor = this.#confirmation.asked()?.secondFactor ?? false;
  protected readonly entered = signal({ password: '', code: '' });
  #isGiven = false;
  protected readonly sending = submitting(
    this.entered,
    async ({ password, code }) => {
      await this.#factor.confirm(password, this.secondFactor ? code : null);
      this.#isGiven = true;
      this.close();
    },
    {
      fieldOfType: {
        '/problems/password-wrong': 'password',
        '/problems/second-factor-wrong': 'code',
      },
    },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      required(path.password, { message: 'Enter your own password.' });
      applyWhen(
        path,
        () => this.secondFactor,
        (whole) => required(whole.code, { message: 'Enter the code.' }),
      );
    },
    { submission: this.sending.submission },
  );

  constructor() {
    afterNextRender(() => this.dialog().nativeElement.showModal());
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  /** By a button or by Escape. */
  protected closed(): void {
    this.#confirmation.answer(this.#isGiven);
  }
}
