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
      was: { price: '25.00', capacity: 100, description: 'long', poster_seed: 1 },
      became: { price: '30.00', capacity: 120, description: 'longer', poster_seed: 2 },
    };
    expect(activityWords({ ...entry, action: 'event-edited', detail }).more).toEqual([
      'Price: 25.00 → 30.00',
      'Capacity: 100 → 120',
      'New description',
      'Another poster',
    ]);
  });

  it('names the host of a webhook', () => {
    const did = (action: Activity['action'], detail: Activity['detail'] = {}) =>
      activityWords({ ...entry, action, detail: { host: 'a.example', ...detail } }).did;
    expect(did('webhook-created')).toMatch(/^created the webhook for .?a\.example.?$/u);
    expect(did('webhook-changed')).toMatch(/^changed the webhook/);
    expect(did('webhook-changed', { new_secret: true })).toMatch(/^made a new secret for/);
    expect(did('webhook-deleted')).toMatch(/^deleted the webhook/);
    expect(did('webhook-replayed')).toMatch(/^had facts sent again to the webhook/);
  });

  it('says what was done with an account', () => {
    const did = (detail: Activity['detail']) =>
      activityWords({ ...entry, action: 'user-changed', user_name: 'Ana', detail }).did.replace(
        /[\u2066-\u2069]/g,
        '',
      );
    expect(did({ became: { disabled: true } })).toBe('disabled the account of Ana');
    expect(did({ became: { disabled: false } })).toBe('enabled the account of Ana again');
    expect(did({ became: { role: 'admin' } })).toBe('made Ana an admin');
    expect(did({ became: { role: 'customer' } })).toBe('made Ana a customer');
    expect(did({ second_factor: true })).toBe('turned on the second factor of Ana');
    expect(did({ second_factor: false })).toBe('turned off the second factor of Ana');
    expect(did({ new_recovery_codes: true })).toBe('made new recovery codes for Ana');
    expect(did({ recovery_code_used: true })).toBe('used a recovery code of Ana');
    expect(did({ password_code: true })).toBe('made a code for a new password for Ana');
    expect(did({ signed_out: true })).toBe('signed Ana out everywhere');
    expect(did({ became: { name: 'Ana' } })).toBe('changed the user Ana');
  });

  it('says who was erased, by themselves or by an admin', () => {
    const did = (actor_id: number, user_id: number) =>
      activityWords({ ...entry, action: 'user-erased', actor_id, user_id, user_name: 'Erased' })
        .did;
    expect(did(5, 5)).toBe('deleted their account');
    expect(did(1, 5)).toBe('erased the user with the number 5');
  });

  it('tells a door pass from an API token', () => {
    const did = (action: Activity['action'], event_id: number | null, is_pass: boolean) =>
      activityWords({ ...entry, action, event_id, detail: { token_id: 3, is_pass } }).did;
    expect(did('token-created', 7, true)).toBe('made a door pass for');
    expect(did('token-revoked', null, false)).toBe('revoked an API token');
  });

  it('says that a draft was published', () => {
    const detail = { was: { status: 'draft' }, became: { status: 'active' } };
    expect(activityWords({ ...entry, action: 'event-edited', detail })).toMatchObject({
      did: 'published',
      more: [],
    });
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
