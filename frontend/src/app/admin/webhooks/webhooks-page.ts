import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { toProblem } from '../../api/problem';
import { WebhooksClient } from '../../api/webhooks-client';
import { EmptyStage } from '../../ui/empty-stage';
import { ProblemNotice } from '../../ui/problem-notice';
import { WebhookStateLine } from './webhook-state';
import { hostOf, scopeOf } from './webhook-words';

/** All webhooks, and whether they work. */
@Component({
  selector: 'mq-webhooks-page',
  imports: [EmptyStage, ProblemNotice, RouterLink, WebhookStateLine],
  template: `
    <div class="wrap">
      <header>
        <h1>Webhooks</h1>
        <a class="button action" routerLink="/admin/webhooks/new">New webhook</a>
      </header>
      <p class="intro soft">
        A webhook tells another program what happens here: bookings, check-ins, changes of events.
        Each message is signed (Standard Webhooks) and is sent until it arrives.
      </p>
      @if (problem(); as problem) {
        <mq-problem-notice [problem]="problem" (retry)="found.reload()" />
      } @else if (webhooks(); as webhooks) {
        @if (webhooks.length === 0) {
          <div class="empty-state">
            <mq-empty-stage />
            <h2>No program is told anything</h2>
            <p>Create a webhook for each program that shall follow what happens.</p>
          </div>
        } @else {
          <ul>
            @for (row of webhooks; track row.webhook.id) {
              <li>
                <div>
                  <h2>
                    <a [routerLink]="['/admin/webhooks', row.webhook.id]">{{ row.host }}</a>
                  </h2>
                  <p class="soft small">{{ row.scope }}</p>
                </div>
                <mq-webhook-state [webhook]="row.webhook" />
              </li>
            }
          </ul>
        }
      } @else {
        <div class="skeleton room" aria-busy="true"></div>
      }
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

    li {
      display: grid;
      gap: var(--space-2) var(--space-5);
      padding-block: var(--space-4);
      border-block-start: 1px solid var(--line);
    }

    h2 {
      font-size: 1.125rem;
      overflow-wrap: anywhere;
    }

    li p {
      overflow-wrap: anywhere;
    }

    .room {
      height: 16rem;
    }

    @media (width >= 46rem) {
      li {
        grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
      }
    }
  `,
})
export class WebhooksPage {
  protected readonly found = inject(WebhooksClient).findAll();
  protected readonly problem = computed(() => {
    const error = this.found.error();
    return error === undefined ? null : toProblem(error);
  });
  protected readonly webhooks = computed(() =>
    this.found.hasValue()
      ? this.found
          .value()
          .items.map((webhook) => ({ webhook, host: hostOf(webhook), scope: scopeOf(webhook) }))
      : null,
  );
}
