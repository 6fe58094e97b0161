/** A piece of a text: words, or an address on the web. */
export interface TextPiece {
  text: string;
  /** Where it leads; undefined for words. */
  href?: string;
}

const ADDRESS = /\bhttps?:\/\/[^\s<>"]+/gi;
/** What ends a sentence after an address belongs to the sentence. */
const END_OF_SENTENCE = /[.,;:!?'’”»)\]]+$/;

/** Cuts a text where addresses begin and end. Only http and https lead anywhere. */
export function textPieces(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    if (!URL.canParse(address)) continue;
    pieces.push({ text: text.slice(end, match.index) }, { text: address, href: address });
    end = match.index + address.length;
  }
  pieces.push({ text: text.slice(end) });
  return pieces.filter((piece) => piece.text !== '');
}

/** In “(see https://example.org/a_(b))” the first closing bracket belongs to the address. */
function trimmed(address: string): string {
  const cut = address.replace(END_OF_SENTENCE, '');
  const opened = cut.split('(').length - cut.split(')').length;
  return opened > 0 && address.startsWith(`${cut})`) ? `${cut})` : cut;
}
