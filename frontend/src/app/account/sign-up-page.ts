import { Component, inject, input, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { formErrors } from '../api/form-errors';
import { toProblem } from '../api/problem';
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

  protected readonly message = signal<string | null>(null);
  protected readonly account = signal({ name: '', phone: '', password: '' });
  protected readonly form = form(
    this.account,
    (path) => {
      nameRules(path.name);
      phoneRules(path.phone);
      newPasswordRules(path.password);
    },
    {
      submission: {
        action: async (submitted) => {
          this.message.set(null);
          const { name, phone, password } = this.account();
          try {
            await this.#session.signUp(name, phone, password);
          } catch (error) {
            const { fields, message } = formErrors(submitted, toProblem(error), {
              '/problems/phone-taken': 'phone',
            });
            this.message.set(message);
            fields[0]?.fieldTree().focusBoundControl();
            return fields;
          }
          await this.#router.navigateByUrl(returnPath(this.return()), { replaceUrl: true });
          return undefined;
        },
        onInvalid: (invalid) => invalid().errorSummary()[0]?.fieldTree().focusBoundControl(),
      },
    },
  );
}
