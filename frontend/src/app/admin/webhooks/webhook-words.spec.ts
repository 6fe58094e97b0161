import { Delivery, Webhook } from '../../api/admin-shapes';
import { sampleDelivery, sampleWebhook } from '../../../testing/samples';
import { answerOf, factWords, hostOf, outcomeOf, scopeOf, stateOf } from './webhook-words';

describe('the words for webhooks', () => {
  const at = '2026-11-22T10:00:00Z';
  const webhook = (given: Partial<Webhook>): Webhook => ({ ...sampleWebhook, ...given });
  const delivery = (given: Partial<Delivery>): Delivery => ({ ...sampleDelivery, ...given });

  it('name the messages', () => {
    expect(scopeOf(webhook({}))).toBe('Everything but messages to customers');
    expect(scopeOf(webhook({ types: ['booking.confirmed'] }))).toBe('A booking is made');
    const some = webhook({ types: ['event.created', 'event.changed'], event_title: 'Gala' });
    expect(scopeOf(some)).toMatch(/^2 kinds of facts, only of .?Gala.?$/u);
    expect(factWords('some.day')).toBe('some.day');
    expect(hostOf(webhook({ url: 'https://a.example:8443/in?b' }))).toBe('a.example:8443');
  });

  it('say whether it works, and why nothing is sent', () => {
    expect(stateOf(webhook({}))).toEqual({ tone: 'good', words: 'Working', why: '' });
    expect(stateOf(webhook({ failing_since: at })).words).toMatch(/^Failing since .*2026/);
    expect(stateOf(webhook({ failing_since: at, disabled_at: at })).why).toMatch(/^An admin/);
    const gone = stateOf(webhook({ failing_since: at, disabled_at: at, gone_at: at }));
    expect(gone.tone).toBe('bad');
    expect(gone.why).toMatch('410 Gone');
  });

  it('say what came of a message', () => {
    expect(outcomeOf(delivery({})).words).toBe('Delivered');
    const failed = {
      delivered_at: null,
      last_status: 500,
      last_error: 'The receiver answered 500.',
    };
    expect(outcomeOf(delivery({ ...failed, next_attempt_at: at })).words).toMatch(/^Next attempt /);
    expect(outcomeOf(delivery({ ...failed, given_up_at: at }))).toEqual({
      tone: 'bad',
      words: 'Given up',
    });
    expect(answerOf(delivery(failed))).toBe('Status 500');
    expect(answerOf(delivery({ ...failed, last_status: null }))).toBe('No answer');
    const waiting = delivery({
      delivered_at: null,
      attempted_at: null,
      last_status: null,
      next_attempt_at: at,
    });
    expect(outcomeOf(waiting).words).toBe('Waiting to be sent');
    expect(answerOf(waiting)).toBe('None yet');
  });
});
