import { Component, computed, inject, input, signal } from '@angular/core';
import { WebhooksClient } from '../../api/webhooks-client';
import { countOf } from '../../formats/count';
import { shortMoment } from '../../formats/moment';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { answerOf, factWords, outcomeOf } from './webhook-words';

/** The last messages to a webhook, and what came of each. */
@Component({
  selector: 'mq-webhook-deliveries',
  imports: [MoreButton, ProblemNotice],
  templateUrl: './webhook-deliveries.html',
  styleUrl: './webhook-deliveries.css',
})
export class WebhookDeliveries {
  readonly webhookId = input.required<string>();

  protected readonly failing = signal(false);
  protected readonly list = inject(WebhooksClient).listDeliveries(this.webhookId, this.failing);
  protected readonly rows = computed(() =>
    this.list.items().map((delivery) => ({
      delivery,
      what: factWords(delivery.type),
      when: shortMoment(delivery.attempted_at ?? delivery.created_at),
      attempts: countOf(delivery.attempts, 'attempt'),
      answer: answerOf(delivery),
      outcome: outcomeOf(delivery),
    })),
  );

  /** The first page has not been loaded. */
  readonly waiting = this.list.loading;

  reload(): void {
    this.list.reload();
  }
}
