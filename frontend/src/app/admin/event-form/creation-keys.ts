import { newIdempotencyKey } from '../../api/idempotency-key';
import { EventInput } from '../../api/shapes';

/**
 * The idempotency key of each event that this form has asked for. Asking again for the same event
 * keeps the key, because the answer to the first request may have been lost.
 */
export class CreationKeys {
  readonly #keys = new Map<string, string>();

  keyOf(event: EventInput): string {
    const asked = JSON.stringify(event);
    const key = this.#keys.get(asked) ?? newIdempotencyKey();
    this.#keys.set(asked, key);
    return key;
  }
}
