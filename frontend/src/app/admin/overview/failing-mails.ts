import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { FailingMail } from '../../api/admin-shapes';
import { MailsClient } from '../../api/mails-client';
import { Problem, toProblem } from '../../api/problem';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { attemptsOf, failuresOf, subjectOf } from './mail-words';

type Attempt = 'sending' | 'asked' | Problem;

/** A line when mails or webhooks fail, and which mails those are; nothing while all goes well. */
@Component({
  selector: 'mq-failing-mails',
  imports: [Icon, IsolatedPipe, MoreButton, ProblemNotice, RouterLink],
  template: `
    @if (list.problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="list.reload()" />
    } @else if (failures() !== '') {
      @if (mails().length === 0) {
        <p class="line" role="alert">
          <mq-icon name="cross" />
          <span
            ><strong>{{ failures() }}</strong> <a routerLink="/admin/webhooks">See which</a></span
          >
        </p>
      } @else {
        <details>
          <summary class="line">
            <mq-icon name="cross" />
            <span role="alert"
              ><strong>{{ failures() }}</strong> <span class="see">See which</span></span
            >
          </summary>
          <ul>
            @for (mail of mails(); track mail.id) {
              <li>
                <div>
                  <p>
                    <strong>{{ mail.subject }}</strong>
                    @if (mail.event_title !== null) {
                      –
                      <a [routerLink]="['/admin/events', mail.event_id]">{{
                        mail.event_title | isolated
                      }}</a>
                    }
                  </p>
                  <p class="soft small">
                    To {{ mail.user_name | isolated }}, {{ mail.address }}. {{ mail.attempts }}
                  </p>
                  <p class="small">Error: {{ mail.last_error }}</p>
                </div>
                <div class="again">
                  @if (mail.attempt === 'asked') {
                    <p class="small" role="status">It is tried again within seconds.</p>
                  } @else {
                    <button
                      type="button"
                      class="button"
                      [attr.aria-disabled]="mail.attempt === 'sending'"
                      [attr.aria-label]="'Try again: ' + mail.subject + ', ' + mail.address"
                      (click)="retry(mail.id)"
                    >
                      Try again
                    </button>
                  }
                  @if (mail.refused; as problem) {
                    <p class="field-error" role="alert">{{ problem.detail }}</p>
                  }
                </div>
              </li>
            }
          </ul>
          <mq-more of="mails" [list]="list" />
        </details>
      }
    }
  `,
  styles: `
    :host {
      display: block;
    }

    .line {
      display: flex;
      gap: var(--space-2);
      align-items: center;
      min-height: var(--target-small);
      color: var(--bad);
    }

    summary {
      cursor: pointer;
    }

    .see {
      margin-inline-start: var(--space-2);
      text-decoration: underline;
      text-decoration-thickness: 1px;
      text-underline-offset: 0.2em;
    }

    li {
      display: grid;
      gap: var(--space-2) var(--space-4);
      padding-block: var(--space-3);
      border-block-start: 1px solid var(--line);
      overflow-wrap: anywhere;
    }

    @media (width >= 46rem) {
      li {
        grid-template-columns: 1fr auto;
        align-items: center;
      }
    }
  `,
})
export class FailingMails {
  readonly #client = inject(MailsClient);
  readonly #attempts = signal<ReadonlyMap<number, Attempt>>(new Map());

  protected readonly list = this.#client.listFailing();
  protected readonly failures = computed(() => {
    const first = this.list.firstPage();
    return first === undefined ? '' : failuresOf(first.mails_failing, first.webhooks_failing);
  });
  protected readonly mails = computed(() =>
    this.list.items().map((mail: FailingMail) => {
      const attempt = this.#attempts().get(mail.id);
      return {
        ...mail,
        subject: subjectOf(mail),
        attempts: attemptsOf(mail),
        attempt,
        refused: typeof attempt === 'object' ? attempt : null,
      };
    }),
  );

  protected async retry(id: number): Promise<void> {
    if (this.#attempts().get(id) === 'sending') return;
    this.#note(id, 'sending');
    try {
      await this.#client.retry(id);
      this.#note(id, 'asked');
    } catch (error) {
      this.#note(id, toProblem(error));
    }
  }

  #note(id: number, attempt: Attempt): void {
    this.#attempts.update((attempts) => new Map(attempts).set(id, attempt));
  }
}
