import { byMonth } from './by-month';
import { UTC } from './venue-clock';

const event = (date_time: string, time_zone = 'UTC') => ({ ...UTC, date_time, time_zone });
const grouped = (...events: ReturnType<typeof event>[]) =>
  byMonth(events, (one) => one, 'en-GB').map(({ name, items }) => [name, items.length]);

describe('byMonth', () => {
  it('keeps the order, and tells years apart', () => {
    expect(
      grouped(
        event('2026-12-01T10:00:00Z'),
        event('2026-12-31T10:00:00Z'),
        event('2027-12-01T10:00:00Z'),
      ),
    ).toEqual([
      ['December 2026', 2],
      ['December 2027', 1],
    ]);
  });

  it('goes by the clock of the venue, and has each month once', () => {
    expect(
      grouped(
        event('2026-12-31T16:00:00Z', 'Asia/Tokyo'),
        event('2026-12-31T20:00:00Z', 'Europe/Berlin'),
        event('2027-01-01T02:00:00Z', 'America/New_York'),
      ),
    ).toEqual([
      ['January 2027', 1],
      ['December 2026', 2],
    ]);
  });

  it('has no month for nothing', () => {
    expect(grouped()).toEqual([]);
  });
});
