import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MailLinksClient } from '../api/mail-links-client';
import { LinkAction } from './link-action';
import { linkToken } from './link-token';

/** The page of the link that ends optional mail. */
@Component({
  selector: 'mq-unsubscribe-page',
  imports: [LinkAction, RouterLink],
  template: `
    <mq-link-action
      heading="Unsubscribe"
      doneHeading="You are unsubscribed"
      yes="Unsubscribe"
      [token]="token()"
      [action]="unsubscribe"
    >
      <p before>
        You then get no reminders and no messages from organisers by mail. Mails about your bookings
        still come: when one is confirmed or cancelled, or when its event changes.
      </p>
      <p done>
        You get no more reminders and messages by mail. You can change this in
        <a routerLink="/account">your account</a>.
      </p>
      <p invalid>
        You can choose which mails you get in <a routerLink="/account">your account</a>.
      </p>
    </mq-link-action>
  `,
})
export class UnsubscribePage {
  readonly #links = inject(MailLinksClient);
  protected readonly token = linkToken();
  protected readonly unsubscribe = (token: string) => this.#links.unsubscribe(token);
}
