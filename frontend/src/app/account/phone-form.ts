import { Component, inject, input, output, signal } from '@angular/core';
import { applyWhen, form, FormRoot, required } from '@angular/forms/signals';
import { AccountClient } from '../api/account-client';
import { Account, PhoneCodeSent } from '../api/shapes';
import { submitting } from '../api/submitting';
import { phoneRules } from './account-schema';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';
import { PhoneField } from './phone-field';

/** Changes the phone of the account. */
@Component({
  selector: 'mq-phone-form',
  imports: [FormProblem, FormRoot, PasswordField, PhoneField],
  template: `
    <form [formRoot]="form" aria-label="Change the phone">
      <mq-form-problem [problem]="sending.problem()" />
      <mq-phone-field name="new-phone" label="New phone" [field]="form.phone" />
      @if (needsPassword()) {
        <mq-password-field
          name="phone-password"
          label="Your password"
          hint="So that nobody else can take over your account."
          [field]="form.password"
        />
      }
      <div class="actions">
        <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'One moment …' : sendsCodes() ? 'Send a code' : 'Save' }}
        </button>
        <button type="button" class="button" (click)="abandoned.emit()">Cancel</button>
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
export class PhoneForm {
  readonly needsPassword = input.required<boolean>();
  readonly sendsCodes = input.required<boolean>();
  /** The phone is changed, or a code must be entered first. */
  readonly answered = output<Account | PhoneCodeSent>();
  readonly abandoned = output();

  readonly #accounts = inject(AccountClient);
  protected readonly entered = signal({ phone: '', password: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ phone, password }) => {
      const given = password === '' ? null : password;
      this.answered.emit(await this.#accounts.setPhone(phone, given));
    },
    {
      fieldOfType: { '/problems/password-wrong': 'password', '/problems/phone-taken': 'phone' },
      // The advice is for those who sign up.
      refused: (problem) =>
        problem.type === '/problems/phone-taken'
          ? { ...problem, detail: `${problem.title}.` }
          : problem,
    },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      phoneRules(path.phone);
      applyWhen(
        path,
        () => this.needsPassword(),
        (whole) => required(whole.password, { message: 'Enter your password.' }),
      );
    },
    { submission: this.sending.submission },
  );
}
