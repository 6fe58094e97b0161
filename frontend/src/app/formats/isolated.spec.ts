import { isolated } from './isolated';

describe('isolated', () => {
  it('leaves text from left to right as it is', () => {
    for (const text of ['', 'Ana Sommer', 'Zoë’s “Jazz” (2)', '東京ジャズ祭', 'Ελλάδα']) {
      expect(isolated(text)).toBe(text);
    }
  });

  it('encloses text from right to left', () => {
    for (const text of ['דנה', 'مها', 'Ana דנה', '\u{1e900}\u{1e901}', 'A\u200f']) {
      expect(isolated(text)).toBe(`\u2068${text}\u2069`);
    }
  });

  it('takes out what would turn the rest of a sentence around, or end the isolation', () => {
    expect(isolated('Mallory\u202e')).toBe('Mallory');
    expect(isolated('\u2067Mal\u2069lory\u202e\u202b')).toBe('Mallory');
    expect(isolated('דנה\u2069\u202e')).toBe('\u2068דנה\u2069');
  });
});
