import { DestroyRef, DOCUMENT, inject, Injectable } from '@angular/core';

const CONTROLS = ['a[href]', 'button', 'input', 'select', 'textarea', 'summary', '[tabindex]']
  .map((control) => `main ${control}`)
  .join();

/**
 * When what has the focus is taken off the page, as “Show more” is at the end of a list, the browser
 * focuses nothing. Then the control before it gets the focus, so that Tab goes on from there.
 */
@Injectable({ providedIn: 'root' })
export class FocusKeeper {
  readonly #document = inject(DOCUMENT);
  readonly #destroyRef = inject(DestroyRef);
  #focused: Element | null = null;
  /** The controls before it, the nearest last. */
  #before: HTMLElement[] = [];

  watch(): void {
    const remember = () => this.#remember();
    this.#document.addEventListener('focusin', remember);
    const changes = new MutationObserver(() => this.#restore());
    changes.observe(this.#document.body, { childList: true, subtree: true });
    this.#destroyRef.onDestroy(() => {
      this.#document.removeEventListener('focusin', remember);
      changes.disconnect();
    });
  }

  #remember(): void {
    this.#focused = this.#document.activeElement;
    const controls = [...this.#document.querySelectorAll<HTMLElement>(CONTROLS)];
    const place = controls.findIndex((control) => control === this.#focused);
    this.#before = controls.slice(0, Math.max(place, 0));
  }

  #restore(): void {
    const { activeElement, body } = this.#document;
    if (this.#focused === null || this.#focused.isConnected || activeElement !== body) return;
    const nearest = this.#before.findLast(
      (control) => control.isConnected && control.checkVisibility(),
    );
    const main = this.#document.querySelector<HTMLElement>('main');
    (nearest ?? main)?.focus({ preventScroll: true });
  }
}
