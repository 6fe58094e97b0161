import { dateBlock, longDate, readerMoment, zoneName } from './moment';

const evening = '2026-12-05T18:30:00Z';

describe('dateBlock', () => {
  it('sets the date on the venue’s clock', () => {
    expect(dateBlock('2026-12-05T23:30:00Z', 'Europe/Berlin', 'en-GB')).toEqual({
      weekday: 'Sun',
      day: '6',
      month: 'Dec',
      year: '2026',
      time: '00:30',
    });
  });

  it('has a bare numeral where a language writes more', () => {
    expect(dateBlock(evening, 'Asia/Tokyo', 'ja').day).toBe('6');
  });
});

describe('longDate', () => {
  it('follows the reader’s language', () => {
    expect(longDate(evening, 'Europe/Berlin', 'de')).toBe('Samstag, 5. Dezember 2026');
  });
});

describe('readerMoment', () => {
  it('is silent where the clocks agree, whatever the zones are called', () => {
    expect(readerMoment(evening, 'Europe/Berlin', 'Europe/Berlin')).toBeNull();
    expect(readerMoment(evening, 'Europe/Berlin', 'Europe/Paris')).toBeNull();
  });

  it('names the moment on the reader’s clock', () => {
    expect(readerMoment(evening, 'Europe/Berlin', 'America/New_York', 'en-GB')).toBe(
      'Sat, 5 Dec 2026, 13:30 GMT-5',
    );
    expect(readerMoment(evening, 'Europe/Berlin', 'Asia/Tokyo', 'en-GB')).toContain(', 03:30 ');
  });
});

describe('zoneName', () => {
  it('knows summer from winter', () => {
    expect(zoneName(evening, 'Europe/Berlin', 'en-GB')).toBe('CET');
    expect(zoneName('2026-07-05T18:30:00Z', 'Europe/Berlin', 'en-GB')).toBe('CEST');
  });
});
