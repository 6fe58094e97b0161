import { localeFor } from './locale';
import { longDate } from './moment';
import { UTC } from './venue-clock';

describe('localeFor', () => {
  it.each([
    ['en-GB', 'en-GB'],
    ['en-US', 'en-US'],
    ['en', 'en-US'],
    ['de', 'en-DE'],
    ['de-AT', 'en-AT'],
    ['ar-EG', 'en-GB'],
    ['fa-IR', 'en-GB'],
    ['not a language', 'en-GB'],
    [undefined, 'en-US'],
  ])('writes for a reader of %s as in %s', (language, locale) => {
    expect(localeFor(language)).toBe(locale);
  });

  it.each(['ar-EG', 'fa-IR', 'th-TH', 'ja-JP-u-ca-japanese'])(
    'has the digits and the calendar of English for %s',
    (language) => {
      const locale = localeFor(language);
      const date = longDate('2026-12-05T12:00:00Z', UTC, locale);
      expect(date).toMatch(/December.*2026/);
    },
  );
});
