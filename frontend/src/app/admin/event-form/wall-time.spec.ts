import { UTC, VenueClock } from '../../formats/venue-clock';
import { momentsOf, wallTimeAt, wallTimeKind } from './wall-time';

describe('wall time', () => {
  const on = (zone: string): VenueClock => ({ ...UTC, time_zone: zone });
  const iso = (wallTime: string, clock: VenueClock) =>
    momentsOf(wallTime, clock).map((moment) => new Date(moment).toISOString());

  it('is what the clock at the venue shows', () => {
    expect(wallTimeAt('2026-12-05T18:30:00Z', on('Europe/Berlin'))).toBe('2026-12-05T19:30');
    expect(wallTimeAt('2026-12-05T23:30:00Z', on('Asia/Tokyo'))).toBe('2026-12-06T08:30');
    expect(wallTimeAt('2026-12-05T00:00:00Z', UTC)).toBe('2026-12-05T00:00');
  });

  it('is a moment in its zone, in summer as in winter', () => {
    expect(iso('2026-12-05T19:30', on('Europe/Berlin'))).toEqual(['2026-12-05T18:30:00.000Z']);
    expect(iso('2026-07-05T19:30', on('Europe/Berlin'))).toEqual(['2026-07-05T17:30:00.000Z']);
    expect(iso('2026-07-05T19:30', on('Asia/Kathmandu'))).toEqual(['2026-07-05T13:45:00.000Z']);
    expect(iso('2026-07-05T19:30', on('Pacific/Kiritimati'))).toEqual(['2026-07-05T05:30:00.000Z']);
  });

  it('does not exist when the clocks are put forward over it', () => {
    expect(wallTimeKind('2027-03-28T02:30', on('Europe/Berlin'))).toBe('never');
    expect(wallTimeKind('2027-03-28T03:00', on('Europe/Berlin'))).toBe('once');
  });

  it('comes twice when they are put back, the earlier first', () => {
    expect(wallTimeKind('2027-10-31T02:30', on('Europe/Berlin'))).toBe('twice');
    expect(iso('2027-10-31T02:30', on('Europe/Berlin'))).toEqual([
      '2027-10-31T00:30:00.000Z',
      '2027-10-31T01:30:00.000Z',
    ]);
  });

  it('is told with the offset in a zone that the browser does not know', () => {
    const mars = { time_zone: 'Mars/Olympus', utc_offset: '-03:00' };
    expect(wallTimeAt('2026-12-05T22:30:00Z', mars)).toBe('2026-12-05T19:30');
    expect(iso('2026-12-05T19:30', mars)).toEqual(['2026-12-05T22:30:00.000Z']);
  });

  it('is no time when nothing sensible was typed', () => {
    expect(wallTimeKind('', on('Europe/Berlin'))).toBe('never');
  });
});
