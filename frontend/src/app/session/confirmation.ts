import { Service, signal } from '@angular/core';

/** What is asked for: the password, and the second factor as well where it is on. */
export interface Asked {
  secondFactor: boolean;
}

/**
 * Asks for the password again, when the server wants it before it does something. One dialog serves
 * the whole site; requests that are refused while it is open wait for the same answer.
 */
@Service()
export class Confirmation {
  readonly #asked = signal<Asked | null>(null);
  #answer: Promise<boolean> | null = null;
  #resolve: (isGiven: boolean) => void = () => undefined;

  /** null: nothing is asked. */
  readonly asked = this.#asked.asReadonly();

  /** Resolves to whether the person has given it. */
  ask(asked: Asked): Promise<boolean> {
    this.#answer ??= new Promise((resolve) => {
      this.#resolve = resolve;
      this.#asked.set(asked);
    });
    return this.#answer;
  }

  answer(isGiven: boolean): void {
    const resolve = this.#resolve;
    this.#asked.set(null);
    this.#answer = null;
    this.#resolve = () => undefined;
    resolve(isGiven);
  }
}
