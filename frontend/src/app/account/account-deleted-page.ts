import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

/** What people see who have deleted their account. */
@Component({
  selector: 'mq-account-deleted-page',
  imports: [RouterLink],
  template: `
    <div class="wrap">
      <h1 class="page-title">Your account is deleted</h1>
      <p>
        You are signed out, and nothing here says any more who you are. Your phone number is free:
        with it you can sign up again at any time.
      </p>
      <p><a class="button" routerLink="/">See what’s on</a></p>
    </div>
  `,
  styles: `
    .wrap {
      display: grid;
      gap: var(--space-4);
      align-content: start;
      min-height: 70vh;
      padding-block: var(--space-6);
    }

    p {
      max-width: var(--measure);
    }
  `,
})
export class AccountDeletedPage {}
