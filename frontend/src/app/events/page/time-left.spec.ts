import { timeLeft } from './time-left';

describe('timeLeft', () => {
  it.each([
    [1, '0:01'],
    [59_000, '0:59'],
    [9 * 60_000 + 5000, '9:05'],
    [3_599_001, '1 hour'],
    [3_600_000, '1 hour'],
    [7_500_000, '2 hours and 5 minutes'],
    [86_400_000, '1 day'],
    [3 * 86_400_000 + 4 * 3_600_000, '3 days and 4 hours'],
  ])('says %d ms as %s', (ms, words) => {
    expect(timeLeft(ms)).toBe(words);
  });
});
