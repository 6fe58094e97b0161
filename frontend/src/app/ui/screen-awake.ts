import { DOCUMENT, inject, Service } from '@angular/core';

/** Keeps the screen from going dark, where the browser can (Screen Wake Lock). */
@Service()
export class ScreenAwake {
  readonly #page = inject(DOCUMENT);
  #wanted = false;
  #lock: WakeLockSentinel | undefined;

  constructor() {
    // The browser ends the lock of a page that is out of sight.
    this.#page.addEventListener('visibilitychange', () => {
      if (this.#wanted && this.#page.visibilityState === 'visible') void this.keep();
    });
  }

  async keep(): Promise<void> {
    this.#wanted = true;
    try {
      this.#lock = await this.#page.defaultView?.navigator.wakeLock?.request('screen');
    } catch {
      // Refused, because of a low battery for one: the screen goes dark as it always does.
    }
    if (!this.#wanted) void this.#lock?.release();
  }

  release(): void {
    this.#wanted = false;
    void this.#lock?.release();
  }
}
