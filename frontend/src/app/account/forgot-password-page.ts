import { Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { RouterLink } from '@angular/router';
import { ConfigClient } from '../api/config-client';
import { MailLinksClient } from '../api/mail-links-client';
import { submitting } from '../api/submitting';
import { phoneOrEmailRules } from './account-schema';
import { FormProblem } from '../ui/form-problem';
import { AccountNameField } from './account-name-field';

@Component({
  selector: 'mq-forgot-password-page',
  imports: [AccountNameField, FormProblem, FormRoot, RouterLink],
  templateUrl: './forgot-password-page.html',
  styleUrl: './account-page.css',
})
export class ForgotPasswordPage {
  readonly #links = inject(MailLinksClient);
  readonly #config = inject(ConfigClient).find();
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly sendsMail = computed(
    () => !this.#config.hasValue() || this.#config.value().sends_mail,
  );
  protected readonly sent = signal(false);
  protected readonly asked = signal({ account: '' });
  protected readonly sending = submitting(this.asked, async ({ account }) => {
    await this.#links.requestPasswordReset(account);
    this.sent.set(true);
    // The form is gone.
    this.heading().nativeElement.focus();
  });
  protected readonly form = form(this.asked, (path) => phoneOrEmailRules(path.account), {
    submission: this.sending.submission,
  });
}
