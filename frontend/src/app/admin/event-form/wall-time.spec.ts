import { momentsOf, wallTimeAt, wallTimeKind } from './wall-time';

describe('wall time', () => {
  const iso = (wallTime: string, zone: string) =>
    momentsOf(wallTime, zone).map((moment) => new Date(moment).toISOString());

  it('is what the clock at the venue shows', () => {
    expect(wallTimeAt('2026-12-05T18:30:00Z', 'Europe/Berlin')).toBe('2026-12-05T19:30');
    expect(wallTimeAt('2026-12-05T23:30:00Z', 'Asia/Tokyo')).toBe('2026-12-06T08:30');
    expect(wallTimeAt('2026-12-05T00:00:00Z', 'UTC')).toBe('2026-12-05T00:00');
  });

  it('is a moment in its zone, in summer as in winter', () => {
    expect(iso('2026-12-05T19:30', 'Europe/Berlin')).toEqual(['2026-12-05T18:30:00.000Z']);
    expect(iso('2026-07-05T19:30', 'Europe/Berlin')).toEqual(['2026-07-05T17:30:00.000Z']);
    expect(iso('2026-07-05T19:30', 'Asia/Kathmandu')).toEqual(['2026-07-05T13:45:00.000Z']);
    expect(iso('2026-07-05T19:30', 'Pacific/Kiritimati')).toEqual(['2026-07-05T05:30:00.000Z']);
  });

  it('does not exist when the clocks are put forward over it', () => {
    expect(wallTimeKind('2027-03-28T02:30', 'Europe/Berlin')).toBe('never');
    expect(wallTimeKind('2027-03-28T03:00', 'Europe/Berlin')).toBe('once');
  });

  it('comes twice when they are put back, the earlier first', () => {
    expect(wallTimeKind('2027-10-31T02:30', 'Europe/Berlin')).toBe('twice');
    expect(iso('2027-10-31T02:30', 'Europe/Berlin')).toEqual([
      '2027-10-31T00:30:00.000Z',
      '2027-10-31T01:30:00.000Z',
    ]);
  });

  it('is no time when nothing sensible was typed', () => {
    expect(wallTimeKind('', 'Europe/Berlin')).toBe('never');
  });
});
