import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CurrentSession } from '../session/current-session';
import { SecondFactorSection } from './second-factor-section';

/** All that an admin may open who needs a second factor and has none. */
@Component({
  selector: 'mq-second-factor-page',
  imports: [RouterLink, SecondFactorSection],
  template: `
    <div class="wrap page">
      <h1 class="page-title">Sign in more safely</h1>
      @if (session.secondFactor() === 'missing') {
        <p class="words">
          Your account can change events and see the data of customers. On this site, such an
          account needs a second factor. Set it up once; the pages for admins open afterwards.
        </p>
      } @else {
        <p><a routerLink="/admin">Go on to the admin pages</a></p>
      }
      <mq-second-factor-section />
    </div>
  `,
  styleUrl: './my-account-page.css',
})
export class SecondFactorPage {
  protected readonly session = inject(CurrentSession);
}
