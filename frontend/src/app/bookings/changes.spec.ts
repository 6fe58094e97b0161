import { sampleBooking } from '../../testing/samples';
import { changesInWords } from './changes';

describe('changesInWords', () => {
  const venue = { field: 'venue' as const, was: 'Muschelsaal', became: 'Ersatzhalle' };

  it('says nothing when nothing changed', () => {
    expect(changesInWords(sampleBooking)).toBeNull();
  });

  it('says nothing of a booking that is cancelled', () => {
    const cancelled = { ...sampleBooking, status: 'cancelled' as const, changes: [venue] };
    expect(changesInWords(cancelled)).toBeNull();
  });

  it('names the time alone on the same day', () => {
    const earlier = {
      field: 'date_time' as const,
      was: '2099-12-05T10:00:00Z',
      became: '2099-12-05T08:00:00Z',
    };
    const words = changesInWords({ ...sampleBooking, changes: [earlier, venue] }, 'en-GB');
    expect(words).toBe('11:00 → 09:00, Muschelsaal → Ersatzhalle');
  });

  it('names the day when it is another', () => {
    const later = {
      field: 'date_time' as const,
      was: '2099-12-05T10:00:00Z',
      became: '2099-12-06T08:00:00Z',
    };
    const words = changesInWords({ ...sampleBooking, changes: [later] }, 'en-GB');
    expect(words).toBe('Sat, 5 Dec 2099, 11:00 → Sun, 6 Dec 2099, 09:00');
  });

  it.each([
    [null, '10:00', 'doors 10:00'],
    ['10:00', '10:30', 'doors 10:00 → 10:30'],
    ['10:00', null, 'doors no longer at 10:00'],
  ])('names doors %s → %s', (was, became, words) => {
    const changes = [{ field: 'doors_open' as const, was, became }];
    expect(changesInWords({ ...sampleBooking, changes })).toBe(words);
  });
});
