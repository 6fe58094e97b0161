import { DestroyRef, inject, Service } from '@angular/core';

const CHANNEL = 'marquee.session';

/** Tells this browser's other tabs that somebody has signed in or out, and hears it from them. */
@Service()
export class OtherTabs {
  readonly #channel = new BroadcastChannel(CHANNEL);

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#channel.close());
  }

  tell(): void {
    this.#channel.postMessage(null);
  }

  whenTold(hear: () => void): void {
    this.#channel.addEventListener('message', hear);
  }
}
