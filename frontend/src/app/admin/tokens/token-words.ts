import { Token, TokenScope } from '../../api/admin-shapes';
import { isolated } from '../../formats/isolated';
import { shortDate, shortMoment } from '../../formats/moment';
import { UTC } from '../../formats/venue-clock';

/** What a program may be allowed to do, in the order in which people choose. */
export const SCOPES: readonly { scope: TokenScope; name: string; words: string }[] = [
  { scope: 'door', name: 'Door', words: 'Look up tickets and check them in' },
  { scope: 'box-office', name: 'Box office', words: 'Book and cancel for customers' },
  { scope: 'events', name: 'Events', words: 'Create and edit events, write to their guests' },
  { scope: 'reports', name: 'Reports', words: 'Read figures, bookings and history' },
  { scope: 'webhooks', name: 'Webhooks', words: 'Manage webhooks' },
];

/** “Door pass”, or what a token may do. */
export function kindOf({ is_pass: isPass, scopes }: Token): string {
  if (isPass) return 'Door pass';
  const names = SCOPES.filter(({ scope }) => scopes.includes(scope)).map(({ name }) => name);
  return `API token: ${names.join(', ')}`;
}

export function eventOf({ event_title: title }: Token): string {
  return title === null ? 'All events' : isolated(title);
}

/** Whether it works, and until or since when. */
export function stateOf(token: Token, now: number = Date.now()): string {
  if (token.revoked_at !== null) return `Revoked ${shortMoment(token.revoked_at)}`;
  if (Date.parse(token.expires_at) <= now) return `Ended ${shortMoment(token.expires_at)}`;
  if (!token.usable) return 'Ended with its admin’s role';
  return `Until ${shortMoment(token.expires_at)}`;
}

export function lastUseOf({ last_used_on: day }: Token): string {
  return day === null ? 'Never used' : `Last used on ${shortDate(`${day}T00:00:00Z`, UTC)}`;
}
