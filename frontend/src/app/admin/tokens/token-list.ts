import { Component, computed, inject, input, signal, viewChild } from '@angular/core';
import { Token } from '../../api/admin-shapes';
import { PagedList } from '../../api/paged-list';
import { TokensClient } from '../../api/tokens-client';
import { isolated } from '../../formats/isolated';
import { AskDialog } from '../../ui/ask-dialog';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { eventOf, kindOf, lastUseOf, stateOf } from './token-words';

/** Tokens and passes, each with what it may do and a way to end it. */
@Component({
  selector: 'mq-token-list',
  imports: [AskDialog, MoreButton, ProblemNotice],
  template: `
    @if (list().problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="list().reload()" />
    } @else if (list().loading()) {
      <div class="skeleton room" aria-busy="true"></div>
    } @else {
      <ul>
        @for (row of rows(); track row.token.id) {
          <li [class.over]="!row.token.usable">
            <div>
              <h3>{{ row.name }}</h3>
              <p class="small">{{ row.kind }}</p>
              @if (showsEvent()) {
                <p class="small">{{ row.event }}</p>
              }
            </div>
            <div class="soft small">
              <p>{{ row.state }}</p>
              <p>{{ row.lastUse }}</p>
              <p>Made by {{ row.by }}</p>
            </div>
            @if (row.token.usable) {
              <button
                type="button"
                class="button"
                [attr.aria-label]="'Revoke ' + row.name"
                (click)="ask(row.token)"
              >
                Revoke …
              </button>
            }
          </li>
        } @empty {
          <li class="soft none"><ng-content /></li>
        }
      </ul>
      <mq-more of="tokens" [list]="list()" />
    }
    <p role="status" class="said">{{ said() }}</p>
    <mq-ask-dialog
      heading="Revoke this?"
      yes="Revoke"
      no="Keep it"
      [action]="revoke"
      (confirmed)="revoked()"
    >
      <p>{{ consequence() }}</p>
    </mq-ask-dialog>
  `,
  styleUrl: './token-list.css',
})
export class TokenList {
  readonly list = input.required<PagedList<Token>>();
  readonly showsEvent = input(true);

  readonly #tokens = inject(TokensClient);
  private readonly dialog = viewChild.required(AskDialog<void>);
  readonly #asked = signal<Token | null>(null);
  protected readonly said = signal('');

  protected readonly rows = computed(() =>
    this.list()
      .items()
      .map((token) => ({
        token,
        name: isolated(token.name),
        kind: kindOf(token),
        event: eventOf(token),
        state: stateOf(token),
        lastUse: lastUseOf(token),
        by: isolated(token.user_name),
      })),
  );
  protected readonly consequence = computed(() => {
    const token = this.#asked();
    if (token === null) return '';
    const name = isolated(token.name);
    return token.is_pass
      ? `Every phone that ${name} has opened is signed out at once, and its QR code opens no more.`
      : `Programs that use ${name} are refused from now on.`;
  });

  protected ask(token: Token): void {
    this.said.set('');
    this.#asked.set(token);
    this.dialog().open();
  }

  protected readonly revoke = async (): Promise<void> => {
    const token = this.#asked();
    if (token !== null) await this.#tokens.revoke(token.id);
  };

  protected revoked(): void {
    this.said.set(`${isolated(this.#asked()?.name ?? '')} is revoked.`);
    this.list().reload();
  }
}
