import { computed, DestroyRef, effect, inject, Service, signal } from '@angular/core';
import { NoticesClient } from '../api/notices-client';
import { whileVisible } from '../api/while-visible';
import { CurrentSession } from './current-session';

const CHANNEL = 'marquee.notices';
/** Nothing here is urgent, and a mail may have said it already. */
const EVERY_MS = 60_000;

/** How many notices the signed-in person has not read, here and in this browser's other tabs. */
@Service()
export class UnreadNotices {
  readonly #client = inject(NoticesClient);
  readonly #channel = new BroadcastChannel(CHANNEL);
  readonly #count = signal(0);
  /** An answer counts only if nothing was asked or read after its question. */
  #questions = 0;

  readonly count = this.#count.asReadonly();

  constructor() {
    const session = inject(CurrentSession);
    const reader = computed(() => session.user()?.id);
    const refresh = () => void this.#ask(() => this.#client.countUnread());
    effect(() => {
      this.#count.set(0);
      this.#questions += 1;
      if (reader() !== undefined) refresh();
    });
    const refreshIfSignedIn = () => {
      if (reader() !== undefined) refresh();
    };
    whileVisible(EVERY_MS, refreshIfSignedIn);
    this.#channel.addEventListener('message', refreshIfSignedIn);
    inject(DestroyRef).onDestroy(() => this.#channel.close());
  }

  /** Resolves to whether the server knows now that these were shown. */
  async markRead(ids: readonly number[]): Promise<boolean> {
    const isMarked = await this.#ask(() => this.#client.markRead(ids));
    if (isMarked) this.#channel.postMessage(null);
    return isMarked;
  }

  /** Without an answer nothing changes: the next question comes soon. */
  async #ask(question: () => Promise<number>): Promise<boolean> {
    const number = (this.#questions += 1);
    try {
      const count = await question();
      if (number === this.#questions) this.#count.set(count);
      return true;
    } catch {
      return false;
    }
  }
}
