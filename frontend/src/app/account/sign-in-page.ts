import { Component, computed, inject, input, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { ConfigClient } from '../api/config-client';
import { formErrors } from '../api/form-errors';
import { toProblem } from '../api/problem';
import { DemoAccount } from '../api/shapes';
import { CurrentSession } from '../session/current-session';
import { returnPath } from '../session/return-path';
import { TextField } from '../ui/text-field';
import { phoneRules } from './account-schema';

@Component({
  selector: 'mq-sign-in-page',
  imports: [FormRoot, RouterLink, TextField],
  templateUrl: './sign-in-page.html',
  styleUrl: './account-page.css',
})
export class SignInPage {
  /** From the address: where to go afterwards. */
  readonly return = input<string>();

  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);
  readonly #config = inject(ConfigClient).find();

  protected readonly message = signal<string | null>(null);
  protected readonly demoAccounts = computed<DemoAccount[]>(() =>
    this.#config.hasValue() ? this.#config.value().demo_accounts : [],
  );
  protected readonly account = signal({ phone: '', password: '' });
  protected readonly form = form(
    this.account,
    (path) => {
      phoneRules(path.phone);
      required(path.password, { message: 'Enter your password.' });
    },
    {
      submission: {
        action: async (submitted) => {
          this.message.set(null);
          const { phone, password } = this.account();
          try {
            await this.#session.signIn(phone, password);
          } catch (error) {
            const { fields, message } = formErrors(submitted, toProblem(error));
            this.message.set(message);
            return fields;
          }
          await this.#router.navigateByUrl(returnPath(this.return()), { replaceUrl: true });
          return undefined;
        },
        onInvalid: (invalid) => invalid().errorSummary()[0]?.fieldTree().focusBoundControl(),
      },
    },
  );

  protected use({ phone, password }: DemoAccount, submit: HTMLButtonElement): void {
    this.account.set({ phone, password });
    submit.click();
  }
}
