import { DestroyRef, DOCUMENT, inject } from '@angular/core';

/**
 * Keeps the screen on while the page is visible and its component lives, where the browser can. The
 * browser takes the lock away when the page is hidden.
 */
export function keepScreenOn(): void {
  const page = inject(DOCUMENT);
  const { wakeLock } = navigator as { wakeLock?: WakeLock };
  if (wakeLock === undefined) return;
  let lock: WakeLockSentinel | null = null;
  let ended = false;

  async function take(): Promise<void> {
    if (page.visibilityState !== 'visible') return;
    try {
      const taken = await wakeLock?.request('screen');
      // Another one may have come meanwhile, or the page may be another.
      if (ended || (lock !== null && !lock.released)) await taken?.release();
      else lock = taken ?? null;
    } catch {
      // A phone that saves its battery refuses; the screen then goes off as usual.
    }
  }

  const takeAgain = () => void take();
  page.addEventListener('visibilitychange', takeAgain);
  inject(DestroyRef).onDestroy(() => {
    ended = true;
    page.removeEventListener('visibilitychange', takeAgain);
    void lock?.release();
  });
  takeAgain();
}
