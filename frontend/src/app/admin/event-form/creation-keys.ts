import { newIdempotencyKey } from '../../api/idempotency-key';

/**
 * The idempotency key of each request to create something. Asking again for the same keeps the key,
 * because the answer to the first request may have been lost.
 */
export class CreationKeys {
  readonly #keys = new Map<string, string>();

  keyOf(request: object): string {
    const asked = JSON.stringify(request);
    const key = this.#keys.get(asked) ?? newIdempotencyKey();
    this.#keys.set(asked, key);
    return key;
  }
}
