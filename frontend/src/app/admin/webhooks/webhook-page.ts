import {
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  signal,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { Webhook } from '../../api/admin-shapes';
import { loaded } from '../../api/loaded';
import { Problem, toProblem } from '../../api/problem';
import { WebhooksClient } from '../../api/webhooks-client';
import { shortMoment } from '../../formats/moment';
import { Refusal } from '../../session/refusal';
import { PageTitle } from '../../shell/page-title';
import { AskDialog } from '../../ui/ask-dialog';
import { LoadedPage } from '../../ui/loaded-page';
import { ShownOnce } from '../../ui/shown-once';
import { WebhookDeliveries } from './webhook-deliveries';
import { WebhookForm, WebhookInput } from './webhook-form';
import { WebhookReplay } from './webhook-replay';
import { WebhookStateLine } from './webhook-state';
import { WebhookTest } from './webhook-test';
import { hostOf } from './webhook-words';
import { onNextRender } from '../../ui/on-next-render';

/** One webhook: whether it works, what was sent, and everything that can be done with it. */
@Component({
  selector: 'mq-webhook-page',
  imports: [
    AskDialog,
    LoadedPage,
    Refusal,
    RouterLink,
    ShownOnce,
    WebhookDeliveries,
    WebhookForm,
    WebhookReplay,
    WebhookStateLine,
    WebhookTest,
  ],
  templateUrl: './webhook-page.html',
  styleUrl: './webhook-page.css',
})
export class WebhookPage {
  readonly id = input.required<string>();

  readonly #webhooks = inject(WebhooksClient);
  readonly #router = inject(Router);
  readonly #onNextRender = onNextRender();
  private readonly deliveries = viewChild(WebhookDeliveries);
  private readonly secretHeading = viewChild<ElementRef<HTMLElement>>('secretHeading');

  protected readonly loaded = loaded(this.#webhooks.find(this.id), this.id);
  protected readonly webhook = this.loaded.value;
  protected readonly host = computed(() => {
    const webhook = this.webhook();
    return webhook === undefined ? '' : hostOf(webhook);
  });
  /** The secret belongs to one webhook, and is not shown for another. */
  protected readonly secret = linkedSignal<string, string | null>({
    source: this.id,
    computation: () => null,
  });
  /** Until the last messages are there, what stands below them would only move. */
  protected readonly waiting = computed(() => this.deliveries()?.waiting() ?? true);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  protected readonly moment = shortMoment;

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      if (this.host() !== '') title.set(`Webhook for ${this.host()}`);
      else if (this.loaded.missing()) title.set('No such webhook');
    });
  }

  protected readonly save = async (changed: WebhookInput): Promise<void> => {
    const webhook = this.webhook();
    if (webhook === undefined) return;
    this.said.set('');
    const enabled = webhook.disabled_at === null;
    this.loaded.set(await this.#webhooks.save(webhook.id, { ...changed, enabled }));
    this.said.set('The changes are saved.');
  };

  protected async enable({ id, url, types, event_id }: Webhook, enabled: boolean): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.loaded.set(await this.#webhooks.save(id, { url, types, event_id, enabled }));
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected readonly makeSecret = async (): Promise<void> => {
    const { secret, ...webhook } = await this.#webhooks.makeSecret(Number(this.id()));
    this.loaded.set(webhook);
    this.secret.set(secret);
    this.#onNextRender(() => this.secretHeading()?.nativeElement.focus());
  };

  protected readonly delete = (): Promise<void> => this.#webhooks.delete(Number(this.id()));

  protected leave(): void {
    void this.#router.navigate(['/admin/webhooks'], { replaceUrl: true });
  }

  protected reload(): void {
    this.loaded.reload();
    this.deliveries()?.reload();
  }
}
