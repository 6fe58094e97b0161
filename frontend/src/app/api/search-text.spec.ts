import { searchText } from './search-text';

describe('searchText', () => {
  it('is what the address says, trimmed', () => {
    expect(searchText(' jazz am kanal ')).toBe('jazz am kanal');
  });

  it('is cut at what the API takes, never through a character', () => {
    expect(searchText('🎷'.repeat(101))).toBe('🎷'.repeat(100));
    expect(searchText(`${'x'.repeat(99)} yz`)).toBe('x'.repeat(99));
  });

  it.each([undefined, ['jazz', 'blues']])('is nothing for %j', (said) => {
    expect(searchText(said)).toBe('');
  });
});
