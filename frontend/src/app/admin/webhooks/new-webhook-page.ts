import { Component, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { WebhookWithSecret } from '../../api/admin-shapes';
import { WebhooksClient } from '../../api/webhooks-client';
import { ShownOnce } from '../../ui/shown-once';
import { CreationKeys } from '../event-form/creation-keys';
import { WebhookForm, WebhookInput } from './webhook-form';

@Component({
  selector: 'mq-new-webhook-page',
  imports: [RouterLink, ShownOnce, WebhookForm],
  template: `
    <div class="wrap">
      <h1>New webhook</h1>
      @if (created(); as webhook) {
        <div class="made">
          <p role="status">The webhook for {{ webhook.url }} is created.</p>
          <mq-shown-once [secret]="webhook.secret">
            The receiver needs it to check that a message comes from here. Keep it where you keep
            passwords.
          </mq-shown-once>
          <div class="actions">
            <a class="button action" [routerLink]="['/admin/webhooks', webhook.id]">
              Go on and test it
            </a>
          </div>
        </div>
      } @else {
        <mq-webhook-form action="Create webhook" [save]="create">
          <a class="button quiet" routerLink="/admin/webhooks">Back to all webhooks</a>
        </mq-webhook-form>
      }
    </div>
  `,
  styles: `
    h1 {
      padding-block: var(--space-5);
      font-weight: 800;
    }

    .made {
      display: grid;
      gap: var(--space-4);
      max-width: var(--measure);
      overflow-wrap: anywhere;
    }
  `,
})
export class NewWebhookPage {
  readonly #webhooks = inject(WebhooksClient);
  readonly #keys = new CreationKeys();
  protected readonly created = signal<WebhookWithSecret | null>(null);

  protected readonly create = async (webhook: WebhookInput): Promise<void> => {
    this.created.set(await this.#webhooks.create(webhook, this.#keys.keyOf(webhook)));
  };
}
