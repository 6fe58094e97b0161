import {
  dateBlock,
  longDate,
  longMoment,
  nearMoment,
  readerMoment,
  shortMoment,
  zoneName,
} from './moment';
import { UTC, VenueClock } from './venue-clock';

const evening = '2026-12-05T18:30:00Z';
const on = (zone: string): VenueClock => ({ ...UTC, time_zone: zone });
/** No browser knows this zone. */
const mars = (offset: string): VenueClock => ({ time_zone: 'Mars/Olympus', utc_offset: offset });

describe('dateBlock', () => {
  it('sets the date on the venue’s clock', () => {
    expect(dateBlock('2026-12-05T23:30:00Z', on('Europe/Berlin'), 'en-GB')).toEqual({
      weekday: 'Sun',
      day: '6',
      month: 'Dec',
      year: '2026',
      time: '00:30',
    });
  });

  it('has a bare numeral where a language writes more', () => {
    expect(dateBlock(evening, on('Asia/Tokyo'), 'ja').day).toBe('6');
  });
});

describe('nearMoment', () => {
  const berlin = on('Europe/Berlin');
  it.each([
    ['2026-12-05T18:29:00Z', 'Saturday 19:30'],
    ['2026-11-29T18:30:00Z', 'Saturday 19:30'],
    ['2026-11-29T18:29:59Z', 'Sat, 5 Dec 2026, 19:30'],
    ['2026-12-05T18:30:01Z', 'Sat, 5 Dec 2026, 19:30'],
  ])('at %s says %s', (now, words) => {
    expect(nearMoment(evening, berlin, Date.parse(now), 'en-GB')).toBe(words);
  });
});

describe('longDate', () => {
  it('follows the reader’s language', () => {
    expect(longDate(evening, on('Europe/Berlin'), 'de')).toBe('Samstag, 5. Dezember 2026');
  });
});

describe('readerMoment', () => {
  it('returns nothing when the clocks of two zones agree', () => {
    expect(readerMoment(evening, on('Europe/Berlin'), on('Europe/Berlin'))).toBeNull();
    expect(readerMoment(evening, on('Europe/Berlin'), on('Europe/Paris'))).toBeNull();
  });

  it('names the moment on the reader’s clock', () => {
    expect(readerMoment(evening, on('Europe/Berlin'), on('America/New_York'), 'en-GB')).toBe(
      'Sat, 5 Dec 2026, 13:30 GMT-5',
    );
    expect(readerMoment(evening, on('Europe/Berlin'), on('Asia/Tokyo'), 'en-GB')).toContain(
      ', 03:30 ',
    );
  });
});

describe('zoneName', () => {
  it('knows summer from winter', () => {
    expect(zoneName(evening, on('Europe/Berlin'), 'en-GB')).toBe('CET');
    expect(zoneName('2026-07-05T18:30:00Z', on('Europe/Berlin'), 'en-GB')).toBe('CEST');
  });
});

describe('a zone that the browser does not know', () => {
  it('is told as so far ahead of UTC', () => {
    expect(longMoment(evening, mars('+01:00'), 'en-GB')).toBe(
      'Saturday, 5 December 2026, 19:30 GMT+1',
    );
    expect(shortMoment(evening, mars('-03:00'), 'en-GB')).toBe('Sat, 5 Dec 2026, 15:30');
    expect(dateBlock(evening, mars('+05:45'), 'en-GB')).toMatchObject({ day: '6', time: '00:15' });
  });

  it.each([
    ['+05:45', 'GMT+5:45'],
    ['-03:30', 'GMT-3:30'],
    ['+14:00', 'GMT+14'],
    ['+00:00', 'GMT'],
  ])('has a name of its offset %s', (offset, name) => {
    expect(zoneName(evening, mars(offset), 'en-GB')).toBe(name);
  });

  it('is compared with the reader’s clock', () => {
    expect(readerMoment(evening, mars('+01:00'), on('Europe/Berlin'))).toBeNull();
    expect(readerMoment(evening, mars('-03:00'), on('Europe/Berlin'), 'en-GB')).toBe(
      'Sat, 5 Dec 2026, 19:30 CET',
    );
  });
});
