import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MailLinksClient } from '../api/mail-links-client';
import { LinkAction } from './link-action';
import { linkToken } from './link-token';

/** The page of the link that confirms a mail address. */
@Component({
  selector: 'mq-verify-email-page',
  imports: [LinkAction, RouterLink],
  template: `
    <mq-link-action
      heading="Confirm your address"
      doneHeading="Address confirmed"
      yes="Confirm the address"
      [token]="token()"
      [action]="verify"
    >
      <p before>
        You get mails about your bookings at this address from now on, and a link if you forget your
        password.
      </p>
      <p done>
        Mails about your bookings go to this address now.
        <a routerLink="/account">Your account</a>
      </p>
      <p invalid>
        If the address is not confirmed yet, send another mail from
        <a routerLink="/account">your account</a>.
      </p>
    </mq-link-action>
  `,
})
export class VerifyEmailPage {
  readonly #links = inject(MailLinksClient);
  protected readonly token = linkToken();
  protected readonly verify = (token: string) => this.#links.verifyEmail(token);
}
