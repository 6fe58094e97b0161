import { hoursInWords, moreFacts } from './event-facts';

describe('hoursInWords', () => {
  it.each([
    [null, null, null],
    ['19:30', null, 'Doors 19:30'],
    [null, '22:30', 'Ends 22:30'],
    ['19:30', '22:30', 'Doors 19:30, ends 22:30'],
  ])('says doors %s and end %s', (doors, end, words) => {
    expect(hoursInWords({ doors_open: doors, end_time: end })).toBe(words);
  });
});

describe('moreFacts', () => {
  it('leaves out what the organiser has not said', () => {
    const nothing = { minimum_age: null, access_note: null, organiser_contact: null };
    expect(moreFacts(nothing)).toEqual([]);
    expect(moreFacts({ ...nothing, minimum_age: 16 })).toEqual([
      { term: 'Age', value: 'From 16 years' },
    ]);
  });
});
