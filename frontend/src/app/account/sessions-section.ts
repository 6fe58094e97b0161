import { Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { loaded } from '../api/loaded';
import { Problem, toProblem } from '../api/problem';
import { SessionsClient } from '../api/sessions-client';
import { OwnSession } from '../api/shapes';
import { shortDate, shortMoment } from '../formats/moment';
import { CurrentSession } from '../session/current-session';
import { AskDialog } from '../ui/ask-dialog';
import { ProblemNotice } from '../ui/problem-notice';
import { FormProblem } from '../ui/form-problem';

const GONE = '/problems/session-not-found';

/** Where the person is signed in: each browser with a session, and how to end it. */
@Component({
  selector: 'mq-sessions-section',
  imports: [AskDialog, FormProblem, ProblemNotice],
  template: `
    <section class="settings" aria-labelledby="sessions-heading">
      <h2 #heading id="sessions-heading" tabindex="-1">Where you are signed in</h2>
      <div role="status" class="said" [class.visually-hidden]="said() === ''">{{ said() }}</div>
      <mq-form-problem [problem]="problem()" />
      @if (rows(); as rows) {
        <ul>
          @for (row of rows; track row.id) {
            <li>
              <div>
                <p>
                  <strong>{{ row.browser }}</strong>
                  @if (row.is_current) {
                    <span class="here">This browser</span>
                  }
                </p>
                <p class="soft small">{{ row.use }}</p>
              </div>
              @if (!row.is_current) {
                <button
                  type="button"
                  class="button"
                  [attr.aria-disabled]="busy()"
                  [attr.aria-label]="'Sign out: ' + row.browser + '. ' + row.use"
                  (click)="end(row)"
                >
                  Sign out
                </button>
              }
            </li>
          }
        </ul>
        @if (rows.length > 1) {
          <button type="button" class="button" (click)="others.open()">
            Sign out everywhere else
          </button>
        }
      } @else if (own.problem(); as problem) {
        <mq-problem-notice [problem]="problem" (retry)="own.reload()" />
      } @else {
        <div class="skeleton room" aria-busy="true"></div>
      }
      <mq-ask-dialog
        #others
        heading="Sign out everywhere else?"
        yes="Sign out everywhere else"
        no="Never mind"
        [danger]="false"
        [action]="endOthers"
        (confirmed)="endedOthers()"
      >
        <p>
          You stay signed in here. Every other browser asks for your password before it shows
          anything of yours again.
        </p>
      </mq-ask-dialog>
    </section>
  `,
  styles: `
    .said {
      font-weight: 600;
    }

    ul,
    .room {
      width: 100%;
    }

    li {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-2) var(--space-4);
      align-items: center;
      justify-content: space-between;
      padding-block: var(--space-3);
      border-block-end: 1px solid var(--line);
      overflow-wrap: anywhere;
    }

    li:first-child {
      border-block-start: 1px solid var(--line);
    }

    .here {
      margin-inline-start: var(--space-2);
      color: var(--good);
      font-weight: 600;
    }

    .room {
      height: 4.5rem;
    }
  `,
})
export class SessionsSection {
  readonly #sessions = inject(SessionsClient);
  readonly #user = inject(CurrentSession).user;
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly own = loaded(this.#sessions.findOwn(), () => this.#user()?.id);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  protected readonly rows = computed(() =>
    this.own.value()?.items.map((session) => ({
      id: session.id,
      is_current: session.is_current,
      browser: session.browser ?? 'Unknown browser',
      use: useOf(session),
    })),
  );
  protected readonly endOthers = () => this.#sessions.endOthers();

  protected endedOthers(): void {
    this.#keep(({ is_current }) => is_current, 'You are signed out everywhere else.');
  }

  protected async end(row: { id: number; browser: string }): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    this.said.set('');
    try {
      await this.#sessions.end(row.id);
      this.#keep(({ id }) => id !== row.id, `Signed out: ${row.browser}.`);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.type === GONE) {
        this.#keep(({ id }) => id !== row.id, `It had ended already: ${row.browser}.`);
      } else this.problem.set(problem);
    } finally {
      this.busy.set(false);
    }
  }

  #keep(stays: (session: OwnSession) => boolean, said: string): void {
    this.own.set({ items: (this.own.value()?.items ?? []).filter(stays) });
    this.problem.set(null);
    this.said.set(said);
    // What was pressed is gone.
    this.heading().nativeElement.focus();
  }
}

function useOf(session: OwnSession): string {
  const where = session.network === null ? '' : ` from ${session.network}`;
  const begun = `Signed in on ${shortDate(session.created_at)}${where}.`;
  return session.is_current ? begun : `Last used ${shortMoment(session.last_seen_at)}. ${begun}`;
}
