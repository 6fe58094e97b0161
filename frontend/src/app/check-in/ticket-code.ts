const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code within other text: in its groups or in one piece. */
const WITHIN_TEXT = /(?<![0-9A-Z])((?:[0-9A-Z]{5}[^0-9A-Z]+){4}[0-9A-Z]|[0-9A-Z]{21})(?![0-9A-Z])/g;

/**
 * Letters and digits of a text in capitals, with everything else between them. A scanner that
 * expects another keyboard types `ß` for a hyphen, and may put a symbology identifier first.
 */
function spelledOut(typed: string): string {
  return typed
    .normalize('NFKC')
    .replaceAll(/^\s*\][a-z][0-9]|[ßẞ]|%2d|%20/gi, '-')
    .replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** Letters and digits only. */
export function symbolsOf(typed: string): string {
  return spelledOut(typed).replaceAll(/[^0-9A-Z]+/g, '');
}

/** In groups one can read aloud: `7FDY9-S5J0F-BKKYT-F3Y6W-M`. */
export function groupedCode(typed: string): string {
  return (
    symbolsOf(typed)
      .match(/.{1,5}/g)
      ?.join('-') ?? ''
  );
}

/**
 * The ticket codes that a text can mean: as typed, then with Y and Z exchanged, as by another
 * keyboard layout. The check symbol tells whether a reading is a code. Empty when it cannot be a
 * ticket code, or holds several. The database reads by the same rule: `ticket_code_readings()`.
 */
export function ticketCodeReadings(typed: string): string[] {
  const text = spelledOut(typed);
  const parts = [text, ...[...text.matchAll(WITHIN_TEXT)].map(([part]) => part)];
  const asTyped = parts.map((part) => unmistaken(symbolsOf(part)));
  const readings = [asTyped, asTyped.map(exchanged)].map(
    (candidates) => new Set(candidates.filter(isCode)),
  );
  if (readings.some((found) => found.size > 1)) return [];
  return [...new Set(readings.flatMap((found) => [...found]))].map(groupedCode);
}

function unmistaken(symbols: string): string {
  return symbols.replaceAll(/[IL]/g, '1').replaceAll('O', '0');
}

function exchanged(symbols: string): string {
  return symbols.replaceAll(/[YZ]/g, (symbol) => (symbol === 'Y' ? 'Z' : 'Y'));
}

/** Luhn mod 32: https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm */
function isCode(symbols: string): boolean {
  const values = [...symbols].map((symbol) => ALPHABET.indexOf(symbol));
  if (values.length !== 21 || values.includes(-1)) return false;
  const sum = values.reduce((total, value, place) => {
    const weighted = place % 2 === 1 ? 2 * value : value;
    return total + Math.floor(weighted / 32) + (weighted % 32);
  }, 0);
  return sum % 32 === 0;
}
