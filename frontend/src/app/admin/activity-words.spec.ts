import { Activity } from '../api/admin-shapes';
import { activityWords } from './activity-words';

describe('activityWords', () => {
  const entry: Activity = {
    id: 1,
    at: '2026-11-22T10:00:00Z',
    actor_id: 1,
    actor_name: 'Katrin',
    action: 'event-created',
    event_id: 7,
    event_title: 'Jazz am Kanal',
    booking_id: null,
    ticket_id: null,
    user_id: null,
    user_name: null,
    detail: {},
  };

  it('names who did it, also when nobody was signed in', () => {
    expect(activityWords(entry)).toEqual({ who: 'Katrin', did: 'created', more: [] });
    const inPsql = activityWords({ ...entry, actor_id: null, actor_name: null });
    expect(inPsql.who).toBe('Somebody at the database');
  });

  it('shows what an edit changed', () => {
    const detail = {
      was: { price: '25.00', capacity: 100, description: 'long' },
      became: { price: '30.00', capacity: 120, description: 'longer' },
    };
    expect(activityWords({ ...entry, action: 'event-edited', detail }).more).toEqual([
      'Price: 25.00 → 30.00',
      'Capacity: 100 → 120',
      'New description',
    ]);
  });

  it('counts what cancelling an event cancelled', () => {
    const detail = {
      was: { status: 'active' },
      became: { status: 'cancelled' },
      bookings_cancelled: 42,
      tickets_cancelled: 1,
    };
    const words = activityWords({ ...entry, action: 'event-cancelled', detail });
    expect(words.did).toBe('cancelled');
    expect(words.more).toEqual(['42 bookings and 1 ticket cancelled']);
  });

  it('says whose booking or ticket it was, unless it was their own', () => {
    const admitted: Activity = {
      ...entry,
      action: 'ticket-admitted',
      user_id: 5,
      user_name: 'Ana',
    };
    expect(activityWords(admitted).did).toBe('checked in a ticket of Ana for');
    const own: Activity = {
      ...entry,
      action: 'booking-cancelled',
      booking_id: 42,
      actor_id: 5,
      user_id: 5,
    };
    expect(activityWords(own).did).toBe('cancelled booking 42 for');
  });
});
