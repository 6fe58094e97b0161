import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { TokensClient } from '../../api/tokens-client';
import { TokenList } from './token-list';

/** All API tokens and door passes. */
@Component({
  selector: 'mq-tokens-page',
  imports: [RouterLink, TokenList],
  template: `
    <div class="wrap">
      <header>
        <h1>Tokens and passes</h1>
        <a class="button action" routerLink="/admin/tokens/new">New token</a>
      </header>
      <p class="intro soft">
        A token lets a program do some of what you may do, and a pass lets a phone check in at one
        door. Each acts in your name, and ends when you are no admin any longer. You make a pass on
        the page of its event.
      </p>
      <h2 class="visually-hidden">All tokens and passes</h2>
      <mq-token-list [list]="list">There is no token and no pass yet.</mq-token-list>
    </div>
  `,
  styles: `
    header {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-4);
      align-items: end;
      justify-content: space-between;
      padding-block: var(--space-5) var(--space-4);
    }

    h1 {
      font-size: var(--size-heading);
      font-weight: 800;
    }

    .intro {
      max-width: var(--measure);
      margin-block-end: var(--space-5);
    }
  `,
})
export class TokensPage {
  protected readonly list = inject(TokensClient).listAll();
}
