import { Component, inject, output, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { TextField } from '../ui/text-field';
import { FormProblem } from '../ui/form-problem';

/** The second step of a sign-in: the code of the authenticator app, or a recovery code. */
@Component({
  selector: 'mq-factor-code-form',
  imports: [FormProblem, FormRoot, TextField],
  template: `
    <form [formRoot]="form">
      <p>Your password was right. Now open your authenticator app, and enter the code it shows.</p>
      <mq-form-problem [problem]="sending.problem()" />
      <mq-text-field
        name="factor-code"
        label="Code of your authenticator app"
        hint="Six digits, or a recovery code if you have lost the app."
        autocomplete="one-time-code"
        [field]="form.code"
      />
      <div class="actions">
        <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Signing in …' : 'Sign in' }}
        </button>
        <button type="button" class="button" (click)="abandon()">Start again</button>
      </div>
      <p class="soft small">Neither at hand? Ask another admin to reset your second factor.</p>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-3);
      max-width: 26rem;
    }
  `,
})
export class FactorCodeForm {
  readonly signedIn = output();

  readonly #session = inject(CurrentSession);
  protected readonly entered = signal({ code: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ code }) => {
      await this.#session.giveSecondFactor(code);
      this.signedIn.emit();
    },
    { fieldOfType: { '/problems/second-factor-wrong': 'code' } },
  );
  protected readonly form = form(
    this.entered,
    (path) => required(path.code, { message: 'Enter the code.' }),
    { submission: this.sending.submission },
  );

  protected async abandon(): Promise<void> {
    await this.#session.signOut();
  }
}
