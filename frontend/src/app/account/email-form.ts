import { Component, inject, input, output, signal } from '@angular/core';
import { applyWhen, form, FormRoot, required } from '@angular/forms/signals';
import { AccountClient } from '../api/account-client';
import { Account } from '../api/shapes';
import { submitting } from '../api/submitting';
import { Refusal } from '../session/refusal';
import { TextField } from '../ui/text-field';
import { emailRules } from './account-schema';
import { PasswordField } from '../ui/password-field';

/** Adds a mail address to the account, or changes it. */
@Component({
  selector: 'mq-email-form',
  imports: [FormRoot, PasswordField, Refusal, TextField],
  template: `
    <form [formRoot]="form">
      @if (sending.problem(); as problem) {
        <mq-refusal [problem]="problem" />
      }
      <mq-text-field
        name="email"
        label="E-mail address"
        type="email"
        autocomplete="email"
        [field]="form.email"
      />
      @if (needsPassword()) {
        <mq-password-field
          name="current-password"
          label="Your password"
          hint="So that nobody else can take over your account."
          [field]="form.password"
        />
      }
      <div class="actions">
        <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Sending …' : 'Save and send the mail' }}
        </button>
        @if (canCancel()) {
          <button type="button" class="button" (click)="cancelled.emit()">Cancel</button>
        }
      </div>
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
export class EmailForm {
  readonly needsPassword = input.required<boolean>();
  readonly canCancel = input.required<boolean>();
  readonly saved = output<Account>();
  readonly cancelled = output();

  readonly #accounts = inject(AccountClient);
  protected readonly entered = signal({ email: '', password: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ email, password }) => {
      this.saved.emit(await this.#accounts.setEmail(email, password === '' ? null : password));
    },
    { fieldOfType: { '/problems/password-wrong': 'password' } },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      emailRules(path.email);
      applyWhen(
        path,
        () => this.needsPassword(),
        (whole) => required(whole.password, { message: 'Enter your password.' }),
      );
    },
    { submission: this.sending.submission },
  );
}
