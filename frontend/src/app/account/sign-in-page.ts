import { Component, computed, DOCUMENT, inject, input, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { ConfigClient } from '../api/config-client';
import { DemoAccount } from '../api/shapes';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { returnPath } from '../session/return-path';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { Poster } from '../ui/poster';
import { phoneOrEmailRules } from './account-schema';
import { FactorCodeForm } from './factor-code-form';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';
import { AccountNameField } from './account-name-field';

@Component({
  selector: 'mq-sign-in-page',
  imports: [
    AccountNameField,
    FactorCodeForm,
    FormProblem,
    FormRoot,
    IsolatedPipe,
    PasswordField,
    Poster,
    RouterLink,
  ],
  templateUrl: './sign-in-page.html',
  styleUrl: './account-page.css',
})
export class SignInPage {
  /** From the address: where to go afterwards. */
  readonly return = input<string>();

  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);
  readonly #config = inject(ConfigClient).find();

  /** The password was right, and the second factor must follow. */
  protected readonly needsCode = computed(() => this.#session.secondFactor() === 'required');
  protected readonly demoAccounts = computed<DemoAccount[]>(() =>
    this.#config.hasValue() ? this.#config.value().demo_accounts : [],
  );
  /** Typed on the page for signing up, and brought along when it had an account already. */
  readonly #phone = (inject(DOCUMENT).defaultView?.history.state as { phone?: string } | null)
    ?.phone;
  protected readonly entered = signal({ account: this.#phone ?? '', password: '' });
  protected readonly sending = submitting(this.entered, async ({ account, password }) => {
    await this.#session.signIn(account, password);
    if (!this.needsCode()) await this.goOn();
  });
  protected readonly form = form(
    this.entered,
    (path) => {
      phoneOrEmailRules(path.account);
      required(path.password, { message: 'Enter your password.' });
    },
    { submission: this.sending.submission },
  );

  protected goOn(): Promise<boolean> {
    const isMissing = this.#session.secondFactor() === 'missing';
    const path = isMissing ? '/second-factor' : returnPath(this.return());
    return this.#router.navigateByUrl(path, { replaceUrl: true });
  }

  protected signInAs({ phone, password }: DemoAccount, submit: HTMLButtonElement): void {
    this.entered.set({ account: phone, password });
    submit.click();
  }
}
