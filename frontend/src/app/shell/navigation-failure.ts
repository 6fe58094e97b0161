import { Service, signal } from '@angular/core';

/** A page's code could not be fetched (offline, or a newer release is out): say so, offer it again. */
@Service()
export class NavigationFailure {
  readonly #url = signal<string | null>(null);
  readonly url = this.#url.asReadonly();

  at(url: string): void {
    this.#url.set(url);
  }

  clear(): void {
    this.#url.set(null);
  }
}
