import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../api/admin-client';
import { QueryParams } from '../api/paged-list';
import { shortMoment } from '../formats/moment';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { MoreButton } from '../ui/more-button';
import { ProblemNotice } from '../ui/problem-notice';
import { activityWords } from './activity-words';

const FIRST = 10;

/** The activity log of one event or of all, newest first. */
@Component({
  selector: 'mq-activity-list',
  imports: [IsolatedPipe, MoreButton, ProblemNotice, RouterLink],
  template: `
    @if (list.problem(); as problem) {
      <mq-problem-notice [problem]="problem" (retry)="list.reload()" />
    } @else if (list.loading()) {
      <div class="skeleton room" aria-busy="true"></div>
    } @else if (entries().length === 0) {
      <p class="soft">Nothing yet.</p>
    } @else {
      <ol>
        @for (entry of entries(); track entry.id) {
          <li>
            <time class="soft small" [attr.datetime]="entry.at">{{ entry.when }}</time>
            <div>
              <p>
                <strong>{{ entry.who }}</strong> {{ entry.did }}
                @if (entry.title) {
                  @if (eventId() === undefined) {
                    <a [routerLink]="['/admin/events', entry.event]">{{
                      entry.title | isolated
                    }}</a>
                  } @else {
                    this event
                  }
                }
              </p>
              @for (line of entry.more; track $index) {
                <p class="soft small">{{ line }}</p>
              }
            </div>
          </li>
        }
      </ol>
      <mq-more of="activity" [list]="list" />
    }
  `,
  styles: `
    li {
      display: grid;
      gap: 0 var(--space-4);
      padding-block: var(--space-2);
      border-block-start: 1px solid var(--line);
    }

    ol {
      margin-block-end: var(--space-3);
    }

    .room {
      height: 12rem;
    }

    @media (width >= 46rem) {
      li {
        grid-template-columns: 12.5rem minmax(0, 1fr);
        align-items: baseline;
      }
    }
  `,
})
export class ActivityList {
  readonly eventId = input<number>();

  protected readonly list = inject(AdminClient).listActivity(() => {
    const event = this.eventId();
    const params: QueryParams = { limit: String(FIRST) };
    if (event !== undefined) params['event_id'] = String(event);
    return params;
  });
  protected readonly entries = computed(() =>
    this.list.items().map((entry) => ({
      ...activityWords(entry),
      id: entry.id,
      at: entry.at,
      when: shortMoment(entry.at),
      event: entry.event_id,
      title: entry.event_title,
    })),
  );

  reload(): void {
    this.list.reload();
  }
}
