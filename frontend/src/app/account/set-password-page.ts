import { Location } from '@angular/common';
import { Component, ElementRef, inject, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { form, FormRoot, required } from '@angular/forms/signals';
import { ActivatedRoute, RouterLink } from '@angular/router';
import { PasswordCodesClient } from '../api/password-codes-client';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { TextField } from '../ui/text-field';
import { newPasswordRules, phoneOrEmailRules } from './account-schema';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';
import { AccountNameField } from './account-name-field';

/**
 * Where a customer enters the code of the box office and chooses a password. The QR code of the box
 * office has the code in its fragment, which no browser sends and which leaves the address bar.
 */
@Component({
  selector: 'mq-set-password-page',
  imports: [AccountNameField, FormProblem, FormRoot, PasswordField, RouterLink, TextField],
  templateUrl: './set-password-page.html',
  styleUrl: './account-page.css',
})
export class SetPasswordPage {
  readonly #codes = inject(PasswordCodesClient);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly done = signal(false);
  protected readonly entered = signal({ account: '', code: '', password: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ account, code, password }) => {
      await this.#codes.use(account, code, password);
      this.done.set(true);
      // The form is gone.
      this.heading().nativeElement.focus();
      // The server has ended every session of the account, here and in other tabs.
      await this.#session.refreshEverywhere();
    },
    {
      refused: (problem) =>
        problem.type === '/problems/code-not-valid'
          ? {
              ...problem,
              detail:
                'It is mistyped or for another account, was used already, or has expired. ' +
                'The box office can make another one.',
            }
          : problem,
    },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      phoneOrEmailRules(path.account);
      required(path.code, { message: 'Enter the code.' });
      newPasswordRules(path.password);
    },
    { submission: this.sending.submission },
  );

  constructor() {
    const location = inject(Location);
    inject(ActivatedRoute)
      .fragment.pipe(takeUntilDestroyed())
      .subscribe((code) => {
        if (code === null || code === '') return;
        location.replaceState('/set-password');
        this.entered.update((entered) => ({ ...entered, code }));
      });
  }
}
