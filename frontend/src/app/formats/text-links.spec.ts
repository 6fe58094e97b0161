import { textPieces } from './text-links';

describe('textPieces', () => {
  const links = (text: string) => textPieces(text).flatMap(({ href }) => href ?? []);

  it('leaves words as they are', () => {
    expect(textPieces('Three acts. www.example.org')).toEqual([
      { text: 'Three acts. www.example.org' },
    ]);
    expect(textPieces('')).toEqual([]);
  });

  it('loses no letter', () => {
    const text = 'See https://example.org/a?b=c#d, or (http://example.com/x_(y)). Bring a coat.';
    expect(
      textPieces(text)
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text);
    expect(links(text)).toEqual(['https://example.org/a?b=c#d', 'http://example.com/x_(y)']);
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://example.org',
    'xhttps://example.org',
    'https://',
    'https://[',
  ])('leads nowhere for %s', (text) => {
    expect(links(text)).toEqual([]);
  });

  it('ends an address where HTML would begin', () => {
    expect(links('https://example.org/"onclick=x')).toEqual(['https://example.org/']);
    expect(links('https://example.org/<b>')).toEqual(['https://example.org/']);
  });
});
