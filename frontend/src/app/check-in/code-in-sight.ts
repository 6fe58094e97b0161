/** A code counts as a new one only after pictures without it for this long. */
const GONE_MS = 1_500;

/** Tells a code that comes into sight from one that still is: a ticket must not be asked about twice. */
export class CodeInSight {
  #code: string | null = null;
  #seenAt = 0;

  /**
   * Return the code of a picture, taken at `now` (milliseconds), if it just came into sight.
   *
   * However long the last picture is ago: a slow phone takes few.
   */
  look(code: string | null, now: number): string | null {
    if (code === null || code === '') {
      if (now - this.#seenAt >= GONE_MS) this.#code = null;
      return null;
    }
    const came = code !== this.#code;
    this.#code = code;
    this.#seenAt = now;
    return came ? code : null;
  }
}
