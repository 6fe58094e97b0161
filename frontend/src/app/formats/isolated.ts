/** Characters that begin or end a stretch of another direction. */
const DIRECTION_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
/** Letters and marks of the scripts that are written from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}]|[\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = '\u2068';
const POP_DIRECTIONAL_ISOLATE = '\u2069';

/**
 * A name, title or venue for use inside one of our sentences. Right-to-left text in it does not
 * reorder the words around it.
 *
 * A `<bdi>` is not enough, because a text can end the isolation with U+2069, and it cannot stand
 * in an attribute or in the title of a page.
 */
export function isolated(text: string): string {
  const plain = text.replace(DIRECTION_CONTROLS, '');
  // Most texts need nothing, and then stay free of invisible characters when they are copied.
  return RIGHT_TO_LEFT.test(plain) ? FIRST_STRONG_ISOLATE + plain + POP_DIRECTIONAL_ISOLATE : plain;
}
