import { DestroyRef, DOCUMENT, inject } from '@angular/core';

/**
 * Calls `reload` every `ms` milliseconds while the page can be seen, and at once when it can be
 * seen again. It ends with the component that called it.
 */
export function whileVisible(ms: number, reload: () => void): void {
  const page = inject(DOCUMENT);
  const refresh = () => {
    if (page.visibilityState === 'visible') reload();
  };
  const timer = setInterval(refresh, ms);
  page.addEventListener('visibilitychange', refresh);
  inject(DestroyRef).onDestroy(() => {
    clearInterval(timer);
    page.removeEventListener('visibilitychange', refresh);
  });
}
