import { everyWeek, withDates } from './copy-dates';

describe('the dates of copies', () => {
  it('repeats a time on the clock over a change of clocks', () => {
    expect(everyWeek('2031-03-23T20:00', 3)).toEqual([
      '2031-03-23T20:00',
      '2031-03-30T20:00',
      '2031-04-06T20:00',
    ]);
  });

  it('holds each date once, the earliest first', () => {
    const dates = withDates(['2031-05-06T20:00'], ['2031-05-13T20:00', '2031-05-06T20:00']);
    expect(withDates(dates, ['2031-05-01T20:00'])).toEqual([
      '2031-05-01T20:00',
      '2031-05-06T20:00',
      '2031-05-13T20:00',
    ]);
  });
});
