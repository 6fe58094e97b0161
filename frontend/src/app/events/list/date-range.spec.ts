import { isIsoDay, quickPickOf, quickRange } from './date-range';

const thursday = new Date(2026, 11, 3, 23, 30);
const saturday = new Date(2026, 11, 5, 0, 10);
const sunday = new Date(2026, 11, 6, 12);

describe('quickRange', () => {
  it('is open for any date', () => {
    expect(quickRange('any', thursday)).toEqual({ from: null, to: null });
  });

  it('is one day for today, by the reader’s clock', () => {
    expect(quickRange('today', thursday)).toEqual({ from: '2026-12-03', to: '2026-12-03' });
  });

  it.each([
    ['Thursday', thursday, '2026-12-05', '2026-12-06'],
    ['Saturday', saturday, '2026-12-05', '2026-12-06'],
    ['Sunday', sunday, '2026-12-06', '2026-12-06'],
    ['the last Friday of a year', new Date(2027, 11, 31), '2028-01-01', '2028-01-02'],
  ])('is this weekend seen from %s', (_, today, from, to) => {
    expect(quickRange('weekend', today)).toEqual({ from, to });
  });

  it('is the rest of the month', () => {
    expect(quickRange('month', thursday)).toEqual({ from: '2026-12-03', to: '2026-12-31' });
    expect(quickRange('month', new Date(2028, 1, 10)).to).toBe('2028-02-29');
  });
});

describe('quickPickOf', () => {
  it.each(['any', 'today', 'weekend', 'month'] as const)('recognises %s', (pick) => {
    expect(quickPickOf(quickRange(pick, thursday), thursday)).toBe(pick);
  });

  it('knows no name for other dates', () => {
    expect(quickPickOf({ from: '2026-12-01', to: null }, thursday)).toBeNull();
  });
});

describe('isIsoDay', () => {
  it.each(['2026-12-05', '2028-02-29', '1900-01-01', '2199-12-31'])('takes %s', (day) =>
    expect(isIsoDay(day)).toBe(true),
  );
  it.each(['2026-13-01', '5.12.2026', '', undefined, null, "2026-12-05' OR 1=1"])(
    'refuses %s',
    (day) => expect(isIsoDay(day)).toBe(false),
  );
  it.each(['0002-12-05', '1899-12-31', '2200-01-01', '2026-02-30'])(
    'refuses %s, which the API does not know',
    (day) => expect(isIsoDay(day)).toBe(false),
  );
});
