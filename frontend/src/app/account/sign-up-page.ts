import { Component, inject, input, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { returnPath } from '../session/return-path';
import { TextField } from '../ui/text-field';
import { nameRules, newPasswordRules, phoneRules } from './account-schema';

@Component({
  selector: 'mq-sign-up-page',
  imports: [FormRoot, RouterLink, TextField],
  templateUrl: './sign-up-page.html',
  styleUrl: './account-page.css',
})
export class SignUpPage {
  /** From the address: where to go afterwards. */
  readonly return = input<string>();

  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);

  protected readonly account = signal({ name: '', phone: '', password: '' });
  protected readonly sending = submitting(
    this.account,
    async ({ name, phone, password }) => {
      await this.#session.signUp(name, phone, password);
      await this.#router.navigateByUrl(returnPath(this.return()), { replaceUrl: true });
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
}
