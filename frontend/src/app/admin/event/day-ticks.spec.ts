import { dayTicks } from './day-ticks';

describe('dayTicks', () => {
  const dates = (from: string, to: string) => dayTicks(from, to).map((tick) => tick.date);

  it('names every third day of two weeks', () => {
    expect(dates('2026-10-14', '2026-10-27')).toEqual([
      '2026-10-15',
      '2026-10-18',
      '2026-10-21',
      '2026-10-24',
      '2026-10-27',
    ]);
  });

  it('names the Mondays of five weeks', () => {
    expect(dates('2026-10-01', '2026-11-04')).toEqual([
      '2026-10-05',
      '2026-10-12',
      '2026-10-19',
      '2026-10-26',
      '2026-11-02',
    ]);
  });

  it('names the months of half a year, and every third of a longer time', () => {
    expect(dates('2026-09-20', '2027-02-20')).toEqual([
      '2026-10-01',
      '2026-11-01',
      '2026-12-01',
      '2027-01-01',
      '2027-02-01',
    ]);
    expect(dates('2026-01-10', '2027-04-10')).toEqual([
      '2026-04-01',
      '2026-07-01',
      '2026-10-01',
      '2027-01-01',
      '2027-04-01',
    ]);
    expect(dayTicks('2026-09-20', '2027-02-20').every((tick) => tick.month)).toBe(true);
  });

  it('stands under the middle of the day', () => {
    expect(dayTicks('2026-10-14', '2026-10-27')[0]?.place).toBeCloseTo(1.5 / 14);
  });

  it('never names more than have room', () => {
    for (let days = 1; days < 4000; days += 13) {
      const to = new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);
      expect(dates('2026-01-01', to).length).toBeLessThanOrEqual(6);
    }
  });
});
