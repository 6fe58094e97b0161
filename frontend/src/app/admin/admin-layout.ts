import { Component } from '@angular/core';
import { RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

/** The admin's side of the house: the same type and ink with the lights on. */
@Component({
  selector: 'mq-admin-layout',
  imports: [RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <nav class="screen-only" aria-label="Admin">
      <ul class="wrap">
        @for (link of links; track link.path) {
          <li>
            <a
              [routerLink]="link.path"
              routerLinkActive="current"
              ariaCurrentWhenActive="page"
              [routerLinkActiveOptions]="exactly"
              >{{ link.words }}</a
            >
          </li>
        }
      </ul>
    </nav>
    <router-outlet />
  `,
  styles: `
    nav {
      border-block-end: 1px solid var(--line);
      background: var(--paper-sunk);
    }

    ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0 clamp(var(--space-3), 3vw, var(--space-5));
    }

    a {
      display: inline-flex;
      align-items: center;
      min-height: var(--target);
      font-size: var(--size-small);
      font-weight: 600;
      text-decoration: none;
      white-space: nowrap;
    }

    @media (hover: hover) {
      a:hover {
        text-decoration: underline;
      }
    }

    a.current {
      box-shadow: inset 0 -3px var(--ink);
    }

    /* Forced colours have no shadows. */
    @media (forced-colors: active) {
      a.current {
        border-block: 3px solid;
        border-block-start-color: Canvas;
      }
    }

    a.current:focus-visible {
      box-shadow:
        inset 0 -3px var(--ink),
        0 0 0 2px var(--paper-sunk);
    }
  `,
})
export class AdminLayout {
  protected readonly links = [
    { path: '/admin', words: 'All events' },
    { path: '/admin/check-in', words: 'Check-in' },
    { path: '/admin/events/new', words: 'New event' },
    { path: '/admin/people', words: 'People' },
    { path: '/admin/webhooks', words: 'Webhooks' },
    { path: '/admin/tokens', words: 'Tokens and passes' },
  ];
  protected readonly exactly = {
    paths: 'exact',
    queryParams: 'ignored',
    fragment: 'ignored',
    matrixParams: 'ignored',
  } as const;
}
