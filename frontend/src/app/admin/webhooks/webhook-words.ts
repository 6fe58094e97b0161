import { Delivery, Webhook, WebhookType } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { shortMoment } from '../../formats/moment';

export interface Fact {
  type: WebhookType;
  words: string;
}

/** Every type of message that a webhook can get, except the notices to customers. */
export const FACTS: readonly { heading: string; facts: readonly Fact[] }[] = [
  {
    heading: 'Bookings',
    facts: [
      { type: 'booking.confirmed', words: 'A booking is made' },
      { type: 'booking.cancelled', words: 'A booking is cancelled' },
      { type: 'ticket.admitted', words: 'A ticket is checked in' },
    ],
  },
  {
    heading: 'Events',
    facts: [
      { type: 'event.created', words: 'An event or a draft is created' },
      { type: 'event.changed', words: 'An event is edited or published' },
      { type: 'event.cancelled', words: 'An event is cancelled' },
      { type: 'event.completed', words: 'An event is marked as completed' },
      { type: 'event.message-sent', words: 'A message is sent to the guests of an event' },
    ],
  },
  {
    heading: 'Users',
    facts: [
      { type: 'user.created', words: 'An admin creates a user' },
      { type: 'user.changed', words: 'A name or a password is changed' },
      { type: 'user.erased', words: 'A user is erased: erase your copies as well' },
    ],
  },
  {
    heading: 'Webhooks',
    facts: [
      { type: 'webhook.created', words: 'A webhook is created' },
      { type: 'webhook.changed', words: 'A webhook is changed' },
      { type: 'webhook.deleted', words: 'A webhook is deleted' },
      { type: 'webhook.replayed', words: 'Facts are sent again' },
    ],
  },
  {
    heading: 'Tokens and passes',
    facts: [
      { type: 'token.created', words: 'An API token or a door pass is made' },
      { type: 'token.revoked', words: 'An API token or a door pass is revoked' },
    ],
  },
];

const WORDS = new Map<string, string>([
  ...FACTS.flatMap(({ facts }) => facts.map(({ type, words }) => [type, words] as const)),
  ['customer.notice', 'A customer is told something'],
  ['phone.code', 'A code for a phone is sent'],
  ['webhook.test', 'A test'],
]);

export function factWords(type: string): string {
  return WORDS.get(type) ?? type;
}

export function hostOf(webhook: Webhook): string {
  return URL.canParse(webhook.url) ? new URL(webhook.url).host : webhook.url;
}

/** Which messages a webhook gets, in a few words. */
export function scopeOf({ types, event_title }: Webhook): string {
  const what =
    types.length === 0
      ? 'Everything but messages to customers'
      : types.length === 1
        ? factWords(types[0] ?? '')
        : countOf(types.length, 'kind of fact', 'kinds of facts');
  return event_title === null ? what : `${what}, only of ${isolated(event_title)}`;
}

export type WebhookTone = 'good' | 'warn' | 'bad';

export interface WebhookState {
  tone: WebhookTone;
  words: string;
  /** An explanation of the state and what to do about it; may be empty. */
  why: string;
}

export function stateOf(webhook: Webhook): WebhookState {
  const { disabled_at, gone_at, failing_since } = webhook;
  if (disabled_at !== null) {
    const why =
      gone_at === null
        ? 'An admin disabled it. Nothing is sent to it.'
        : 'Its receiver answered 410 Gone, which means that it wants no more messages.';
    return { tone: 'bad', words: `Disabled since ${shortMoment(disabled_at)}`, why };
  }
  return failing_since === null
    ? { tone: 'good', words: 'Working', why: '' }
    : {
        tone: 'warn',
        words: `Failing since ${shortMoment(failing_since)}`,
        why: 'Each message is tried ten times in three days, and then given up.',
      };
}

export interface DeliveryOutcome {
  tone: WebhookTone | 'waiting';
  words: string;
}

export function outcomeOf(delivery: Delivery): DeliveryOutcome {
  if (delivery.delivered_at !== null) return { tone: 'good', words: 'Delivered' };
  if (delivery.given_up_at !== null) return { tone: 'bad', words: 'Given up' };
  if (delivery.last_error === null || delivery.next_attempt_at === null) {
    return { tone: 'waiting', words: 'Waiting to be sent' };
  }
  return { tone: 'warn', words: `Next attempt ${shortMoment(delivery.next_attempt_at)}` };
}

export function answerOf({ last_status, attempted_at }: Delivery): string {
  if (attempted_at === null) return 'None yet';
  return last_status === null ? 'No answer' : `Status ${last_status}`;
}
