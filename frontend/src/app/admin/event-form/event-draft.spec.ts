import { sampleEvent } from '../../../testing/samples';
import { draftOf, emptyDraft, inputOf, previewOf, plainPrice } from './event-draft';

const EURO = { currency: 'EUR', decimals: 2 };

describe('the draft of an event', () => {
  it('holds what the event is, in the time of its venue', () => {
    expect(draftOf(sampleEvent)).toMatchObject({
      title: 'Jazz am Kanal',
      date_time: '2099-12-05T19:30',
      time_zone: 'Europe/Berlin',
      capacity: '200',
    });
  });

  it('sends wall time, and numbers as numbers', () => {
    const draft = { ...emptyDraft('Europe/Berlin'), date_time: '2027-03-01T20:00' };
    const input = inputOf({ ...draft, capacity: ' 80 ', price: '12,50' });
    expect(input).toMatchObject({ date_time: '2027-03-01T20:00', capacity: 80, price: '12.50' });
  });

  it('sends back the very moment when its time was not touched', () => {
    const odd = { ...sampleEvent, date_time: '2027-10-31T01:30:15Z' };
    expect(inputOf({ ...draftOf(odd), title: 'New' }, odd).date_time).toBe('2027-10-31T01:30:15Z');
    const moved = { ...draftOf(odd), date_time: '2027-10-31T04:00' };
    expect(inputOf(moved, odd).date_time).toBe('2027-10-31T04:00');
    const elsewhere = { ...draftOf(odd), time_zone: 'Europe/Paris' };
    expect(inputOf(elsewhere, odd).date_time).toBe('2027-10-31T02:30');
  });

  it.each([
    ['13,00', 2, '13.00'],
    [' 13 ', 2, '13.00'],
    ['12.5', 2, '12.50'],
    ['a lot', 2, 'a lot'],
    ['2500,00', 0, '2500'],
    ['12.5', 0, '12.5'],
    ['1,25', 3, '1.250'],
  ])('writes the price %j with %d decimals as %j', (typed, decimals, plain) => {
    expect(plainPrice(typed, decimals)).toBe(plain);
  });

  it('chooses a poster for each new event, and creates the event with it', () => {
    const [one, other] = [emptyDraft('UTC'), emptyDraft('UTC')];
    expect(one.poster_seed).not.toBe(other.poster_seed);
    const seed = Number(one.poster_seed);
    expect(previewOf({ ...one, title: 'Opera' }, EURO).poster_seed).toBe(seed);
    expect(inputOf({ ...one, title: 'Opera' }).poster_seed).toBe(seed);
  });

  it('previews what can be told so far', () => {
    const preview = previewOf(emptyDraft('Europe/Berlin'), EURO);
    expect(preview).toMatchObject({ title: 'Title', venue: 'Venue', price: '0.00', id: 0 });
    const fewer = previewOf({ ...draftOf(sampleEvent), capacity: '60' }, EURO, sampleEvent);
    // 54 of its 200 tickets are sold.
    expect(fewer).toMatchObject({
      id: 7,
      tickets_available: 6,
      date_time: '2099-12-05T18:30:00.000Z',
    });
  });
});
