import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { Delivery, EditedWebhook, Webhook, Webhooks, WebhookWithSecret } from './admin-shapes';
import { PagedList, pagedList } from './paged-list';
import { Page } from './shapes';

/** The programs that are told of facts, and what was sent to them. For admins only. */
@Service()
export class WebhooksClient {
  readonly #http = inject(HttpClient);

  findAll(): HttpResourceRef<Webhooks | undefined> {
    return httpResource<Webhooks>(() => '/api/webhooks');
  }

  find(id: () => string): HttpResourceRef<Webhook | undefined> {
    return httpResource<Webhook>(() => `/api/webhooks/${id()}`);
  }

  /**
   * The only answer that holds the secret, beside that of `makeSecret`. Repeating a request with its
   * key makes no second webhook, and returns the secret again.
   */
  create(
    webhook: Pick<EditedWebhook, 'url' | 'types' | 'event_id'>,
    key: string,
  ): Promise<WebhookWithSecret> {
    const headers = { 'Idempotency-Key': key };
    return firstValueFrom(
      this.#http.post<WebhookWithSecret>('/api/webhooks', webhook, { headers }),
    );
  }

  save(id: number, webhook: EditedWebhook): Promise<Webhook> {
    return firstValueFrom(this.#http.put<Webhook>(`/api/webhooks/${id}`, webhook));
  }

  async delete(id: number): Promise<void> {
    await firstValueFrom(this.#http.delete(`/api/webhooks/${id}`));
  }

  /** The secret from before signs as well for 24 hours. */
  makeSecret(id: number): Promise<WebhookWithSecret> {
    return firstValueFrom(this.#http.post<WebhookWithSecret>(`/api/webhooks/${id}/secret`, null));
  }

  sendTest(id: number): Promise<Delivery> {
    return firstValueFrom(this.#http.post<Delivery>(`/api/webhooks/${id}/test`, null));
  }

  /** Sends all facts since then again, and returns how many there are. */
  async sendAgain(id: number, from: string): Promise<number> {
    const answer = this.#http.post<{ messages: number }>(`/api/webhooks/${id}/replay`, { from });
    return (await firstValueFrom(answer)).messages;
  }

  listDeliveries(id: () => string, failing: () => boolean): PagedList<Delivery> {
    return pagedList<Delivery>(() => ({
      url: `/api/webhooks/${id()}/deliveries`,
      params: { failing: String(failing()) },
    }));
  }

  /** A delivery as it is now; undefined when newer ones have pushed it off the first page. */
  async currentDelivery(webhookId: number, id: number): Promise<Delivery | undefined> {
    const { items } = await firstValueFrom(
      this.#http.get<Page<Delivery>>(`/api/webhooks/${webhookId}/deliveries`, {
        params: { limit: 100 },
      }),
    );
    return items.find((delivery) => delivery.id === id);
  }
}
