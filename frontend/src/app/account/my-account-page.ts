import { Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { Router } from '@angular/router';
import { AccountClient } from '../api/account-client';
import { ConfigClient } from '../api/config-client';
import { loaded } from '../api/loaded';
import { Problem, toProblem } from '../api/problem';
import { Account } from '../api/shapes';
import { CurrentSession } from '../session/current-session';
import { AskDialog } from '../ui/ask-dialog';
import { LoadedPage } from '../ui/loaded-page';
import { DeleteAccount } from './delete-account';
import { EmailForm } from './email-form';
import { NameSection } from './name-section';
import { PasswordSection } from './password-section';
import { PhoneSection } from './phone-section';
import { SecondFactorSection } from './second-factor-section';
import { SessionsSection } from './sessions-section';
import { YourData } from './your-data';
import { FormProblem } from '../ui/form-problem';

/** The account of the signed-in user: phone, mail address, and which mails they want. */
@Component({
  selector: 'mq-my-account-page',
  imports: [
    AskDialog,
    DeleteAccount,
    EmailForm,
    FormProblem,
    LoadedPage,
    NameSection,
    PasswordSection,
    PhoneSection,
    SecondFactorSection,
    SessionsSection,
    YourData,
  ],
  templateUrl: './my-account-page.html',
  styleUrl: './my-account-page.css',
})
export class MyAccountPage {
  readonly #accounts = inject(AccountClient);
  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);
  readonly #config = inject(ConfigClient).find();
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');

  protected readonly loaded = loaded(this.#accounts.find(), () => this.#session.user()?.id);
  protected readonly account = this.loaded.value;
  protected readonly sendsMail = computed(
    () => !this.#config.hasValue() || this.#config.value().sends_mail,
  );
  protected readonly changing = signal(false);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  protected readonly remove = () => this.#accounts.removeEmail();

  protected entered(account: Account): void {
    const verified = account.email_verified;
    this.#show(account, verified ? '' : `We have sent a mail to ${account.email}.`);
    this.changing.set(false);
  }

  protected removed(account: Account): void {
    this.#show({ ...account, email: null, email_verified: false }, 'The address is removed.');
  }

  protected sendAgain(account: Account): Promise<void> {
    return this.#change(async () => {
      await this.#accounts.sendVerification();
      this.said.set(`We have sent another mail to ${account.email}.`);
    });
  }

  protected setOptionalMail(box: HTMLInputElement, before: boolean): Promise<void> {
    return this.#change(
      async () => {
        this.loaded.set(await this.#accounts.setOptionalMail(box.checked));
        this.said.set('Saved.');
      },
      () => (box.checked = before),
    );
  }

  protected signOut(): Promise<void> {
    return this.#change(async () => {
      await this.#session.signOut();
      await this.#router.navigateByUrl('/');
    });
  }

  #show(account: Account, said: string): void {
    this.problem.set(null);
    this.loaded.set(account);
    this.said.set(said);
    // The button that was pressed is gone.
    this.heading()?.nativeElement.focus();
  }

  async #change(send: () => Promise<void>, failed?: () => void): Promise<void> {
    if (this.busy()) {
      failed?.();
      return;
    }
    this.busy.set(true);
    this.problem.set(null);
    this.said.set('');
    try {
      await send();
    } catch (error) {
      failed?.();
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
