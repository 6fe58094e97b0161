import { Component, inject, input, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { PhoneCodeSent } from '../api/shapes';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { returnPath } from '../session/return-path';
import { Poster } from '../ui/poster';
import { TextField } from '../ui/text-field';
import { nameRules, newPasswordRules, phoneRules } from './account-schema';
import { PhoneCodeForm } from './phone-code-form';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';
import { PhoneField } from './phone-field';

@Component({
  selector: 'mq-sign-up-page',
  imports: [
    FormProblem,
    FormRoot,
    PasswordField,
    PhoneCodeForm,
    PhoneField,
    Poster,
    RouterLink,
    TextField,
  ],
  templateUrl: './sign-up-page.html',
  styleUrl: './account-page.css',
})
export class SignUpPage {
  /** From the address: where to go afterwards. */
  readonly return = input<string>();

  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);

  protected readonly account = signal({ name: '', phone: '', password: '' });
  /** The code that was sent to the phone, if one was. */
  protected readonly code = signal<PhoneCodeSent | null>(null);
  protected readonly sending = submitting(
    this.account,
    async ({ name, phone, password }) => {
      const sent = await this.#session.signUp(name, phone, password);
      this.code.set(sent);
      if (sent === null) await this.#goOn();
    },
    {
      fieldOfType: { '/problems/phone-taken': 'phone' },
      // Beside its field the title is not shown, and without it the advice has no reason.
      refused: (problem) =>
        problem.type === '/problems/phone-taken'
          ? { ...problem, detail: `${problem.title}. ${problem.detail}` }
          : problem,
    },
  );
  protected readonly form = form(
    this.account,
    (path) => {
      nameRules(path.name);
      phoneRules(path.phone);
      newPasswordRules(path.password);
    },
    { submission: this.sending.submission },
  );

  /** The account is made. */
  protected readonly signIn = async (): Promise<void> => {
    const { phone, password } = this.account();
    await this.#session.signIn(phone, password);
    await this.#goOn();
  };

  protected readonly sendAgain = async (): Promise<void> => {
    const { name, phone, password } = this.account();
    this.code.set(await this.#session.signUp(name, phone, password));
  };

  async #goOn(): Promise<void> {
    await this.#router.navigateByUrl(returnPath(this.return()), { replaceUrl: true });
  }
}
