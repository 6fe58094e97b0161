import { afterNextRender, DestroyRef, inject, Injector } from '@angular/core';

/**
 * Return a function that does something once the component is rendered again. It does nothing when
 * the component is gone: an answer may come after its page was left.
 */
export function onNextRender(): (act: () => void) => void {
  const injector = inject(Injector);
  const destroyed = inject(DestroyRef);
  return (act) => {
    if (!destroyed.destroyed) afterNextRender(act, { injector });
  };
}
