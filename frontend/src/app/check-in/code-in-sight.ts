/** Another code counts only after pictures without any code for this long. */
const EMPTY_MS = 1_000;

/** The codes that the pictures have shown so far. */
export interface Sight {
  /** The code that came into sight with this picture. */
  came: string | null;
  /** Beside the code that counted, another one is or was in the picture. */
  other: boolean;
}

/**
 * Tells a code that comes into sight from one that still is. Once a code counted, no code counts
 * until the picture has been empty for a while: a booking's codes stand beside each other on one
 * screen, and a hand that moves shows the camera first one and then another.
 */
export class CodeInSight {
  readonly #now: () => number;
  #counted: string | null = null;
  #other = false;
  #emptySince: number | null = null;

  /** `now` returns milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Take note of the code in the latest picture; null when there is none. */
  look(code: string | null): Sight {
    if (code === null || code === '') {
      this.#lookAtNothing();
      return { came: null, other: this.#other };
    }
    this.#emptySince = null;
    if (this.#counted !== null) {
      this.#other ||= code !== this.#counted;
      return { came: null, other: this.#other };
    }
    this.#counted = code;
    return { came: code, other: false };
  }

  #lookAtNothing(): void {
    // Since the first empty picture, not since the last code: a slow phone takes few pictures.
    this.#emptySince ??= this.#now();
    if (this.#now() - this.#emptySince < EMPTY_MS) return;
    this.#counted = null;
    this.#other = false;
  }
}
