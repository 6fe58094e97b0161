import { DOCUMENT, inject, Service } from '@angular/core';

/** Keeps the screen from going dark while the page is visible (Screen Wake Lock), where it can. */
@Service()
export class ScreenAwake {
  readonly #page = inject(DOCUMENT);
  #wanted = false;
  #lock: WakeLockSentinel | null = null;

  constructor() {
    // The browser takes the lock away when the page is hidden.
    this.#page.addEventListener('visibilitychange', () => void this.#take());
  }

  keep(): void {
    this.#wanted = true;
    void this.#take();
  }

  release(): void {
    this.#wanted = false;
    void this.#lock?.release();
  }

  async #take(): Promise<void> {
    const { wakeLock } = navigator as { wakeLock?: WakeLock };
    if (!this.#wanted || this.#page.visibilityState !== 'visible') return;
    try {
      const taken = await wakeLock?.request('screen');
      // Meanwhile it may have been released, or another request may have been answered.
      if (!this.#wanted || this.#lock?.released === false) await taken?.release();
      else this.#lock = taken ?? null;
    } catch {
      // A phone that saves its battery refuses; the screen then goes dark as usual.
    }
  }
}
