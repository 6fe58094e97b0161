import { DestroyRef, DOCUMENT, inject, Signal, signal } from '@angular/core';

export interface Connection {
  /** Whether the device has no network, or the last request got no answer. */
  readonly lost: Signal<boolean>;
  /** A request was answered, or was not. */
  answered(yes: boolean): void;
}

/** Follows the network; `regained` is called when the device has one again. */
export function connection(regained: () => void): Connection {
  const window = inject(DOCUMENT).defaultView;
  const lost = signal(!navigator.onLine);
  const lose = () => lost.set(true);
  // A network is not yet an answer: the request says whether Marquee can be reached.
  window?.addEventListener('offline', lose);
  window?.addEventListener('online', regained);
  inject(DestroyRef).onDestroy(() => {
    window?.removeEventListener('offline', lose);
    window?.removeEventListener('online', regained);
  });
  return { lost: lost.asReadonly(), answered: (yes) => lost.set(!yes) };
}
