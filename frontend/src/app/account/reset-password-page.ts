import { Component, ElementRef, inject, linkedSignal, signal, viewChild } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { MailLinksClient } from '../api/mail-links-client';
import { submitting } from '../api/submitting';
import { CurrentSession } from '../session/current-session';
import { newPasswordRules } from './account-schema';
import { linkToken } from './link-token';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';

/** The page that the link in a mail opens for a user who has forgotten the password. */
@Component({
  selector: 'mq-reset-password-page',
  imports: [FormProblem, FormRoot, PasswordField, RouterLink],
  templateUrl: './reset-password-page.html',
  styleUrl: './account-page.css',
})
export class ResetPasswordPage {
  readonly #links = inject(MailLinksClient);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly token = linkToken();
  protected readonly state = linkedSignal<'asking' | 'done' | 'invalid'>(() =>
    this.token() === null ? 'invalid' : 'asking',
  );
  protected readonly chosen = signal({ password: '' });
  protected readonly sending = submitting(
    this.chosen,
    async ({ password }) => {
      await this.#links.resetPassword(this.token() ?? '', password);
      this.state.set('done');
      // The form is gone.
      this.heading().nativeElement.focus();
      // The server has ended every session of the account, here and in other tabs.
      await this.#session.refreshEverywhere();
    },
    {
      refused: (problem) => {
        if (problem.type !== '/problems/link-not-valid') return problem;
        this.state.set('invalid');
        return null;
      },
    },
  );
  protected readonly form = form(this.chosen, (path) => newPasswordRules(path.password), {
    submission: this.sending.submission,
  });
}
