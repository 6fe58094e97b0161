import { Component, inject, linkedSignal, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../api/admin-client';
import { ServerClock } from '../api/server-clock';
import { StatusTag } from '../events/status-tag';
import { DateBlock } from '../ui/date-block';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { MoreButton } from '../ui/more-button';
import { ProblemNotice } from '../ui/problem-notice';
import { SearchBox } from '../ui/search-box';
import { When } from '../ui/when';

const DAY_MS = 86_400_000;

/** Which event's door this is: tonight's are on top. */
@Component({
  selector: 'mq-event-choice',
  imports: [
    DateBlock,
    IsolatedPipe,
    MoreButton,
    ProblemNotice,
    RouterLink,
    SearchBox,
    StatusTag,
    When,
  ],
  template: `
    <div class="wrap page">
      <h1>Check-in</h1>
      <p>Which event’s door is this? Tickets of every other event are then refused.</p>
      <mq-search-box
        name="door-search"
        label="Find the event"
        placeholder="Title or venue"
        [search]="search()"
        (searched)="search.set($event)"
      />
      @if (search() !== '') {
        <button
          type="button"
          class="button toggle"
          [attr.aria-pressed]="past()"
          (click)="past.set(!past())"
        >
          Also past events
        </button>
      }
      @if (list.problem(); as problem) {
        <mq-problem-notice [problem]="problem" (retry)="list.reload()" />
      } @else if (list.loading()) {
        <div class="skeleton room" aria-busy="true"></div>
      } @else if (list.items().length === 0) {
        <p role="status">
          {{ past() || search() === '' ? 'No such event.' : 'No such event is to come.' }}
        </p>
      } @else {
        <ul>
          @for (event of list.items(); track event.id) {
            <li>
              <mq-date-block [moment]="event.date_time" [clock]="event" />
              <div>
                <h2>
                  <a routerLink="/admin/check-in" [queryParams]="{ event: event.id }">{{
                    event.title | isolated
                  }}</a>
                </h2>
                <p class="soft">
                  {{ event.venue | isolated }},
                  <mq-when format="time" [moment]="event.date_time" [clock]="event" />
                </p>
                <mq-status-tag [event]="event" />
              </div>
            </li>
          }
        </ul>
        <mq-more of="events" [list]="list" />
      }
    </div>
  `,
  styles: `
    .page {
      display: grid;
      gap: var(--space-4);
      justify-items: start;
      padding-block-start: var(--space-5);
    }

    h1 {
      font-weight: 800;
    }

    mq-search-box {
      width: min(100%, 30rem);
    }

    ul,
    .room {
      width: 100%;
    }

    .room {
      height: 30rem;
    }

    li {
      position: relative;
      display: grid;
      grid-template-columns: 5rem minmax(0, 1fr);
      gap: var(--space-4);
      padding-block: var(--space-3);
      border-block-start: 1px solid var(--line);
    }

    h2 {
      font-size: 1.25rem;
    }

    a {
      text-decoration: none;
    }

    a::after {
      position: absolute;
      content: '';
      inset: 0;
    }

    @media (hover: hover) {
      li:hover {
        background: var(--paper-sunk);
      }

      li:hover a {
        text-decoration: underline;
      }
    }
  `,
})
export class EventChoice {
  protected readonly search = signal('');
  /** Asked for again with every search: tonight's event must not be lost among past seasons. */
  protected readonly past = linkedSignal({ source: this.search, computation: () => false });
  readonly #since = new Date(inject(ServerClock).now() - DAY_MS).toISOString().replace(/\.\d+/, '');
  protected readonly list = inject(AdminClient).listForCheckIn(() => ({
    search: this.search(),
    // Events that begin soon or began within the last day.
    since: this.past() ? null : this.#since,
  }));
}
