import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CurrentSession } from '../session/current-session';
import { EmptyStage } from '../ui/empty-stage';
import { IsolatedPipe } from '../ui/isolated-pipe';

/** Shown to a customer who opens the address of an admin page. */
@Component({
  selector: 'mq-admins-only-page',
  imports: [EmptyStage, IsolatedPipe, RouterLink],
  template: `
    <div class="wrap page">
      <mq-empty-stage />
      <h1>For admins only</h1>
      <p>
        You are signed in as {{ session.user()?.name ?? '' | isolated }}, a customer. These pages
        are for the people who run the events.
      </p>
      <a class="button action" routerLink="/">See what’s on</a>
    </div>
  `,
  styles: `
    .page {
      display: grid;
      gap: var(--space-4);
      justify-items: center;
      padding-block-start: var(--space-7);
      text-align: center;
    }
  `,
})
export class AdminsOnlyPage {
  protected readonly session = inject(CurrentSession);
}
