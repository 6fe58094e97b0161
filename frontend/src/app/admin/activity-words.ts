import { Activity, ActivityDetail } from '../api/admin-shapes';
import { countOf } from '../formats/count';
import { isolated } from '../formats/isolated';
import { shortMoment } from '../formats/moment';
import { UTC } from '../formats/venue-clock';
import { DRAFT_FIELDS } from './event-form/event-draft';

export interface ActivityWords {
  who: string;
  /** Reads on into the event's title where there is one. */
  did: string;
  more: string[];
}

const FIELDS: Record<string, string> = {
  ...Object.fromEntries(DRAFT_FIELDS.map(({ field, words }) => [field, words])),
  cancellation_reason: 'Reason',
  local_date_time: 'On the venue’s clock',
};

/** Fields whose old and new values are not shown, because they are long. */
const ONLY_NEW: Record<string, string> = {
  description: 'New description',
  poster_seed: 'Another poster',
};

const MOMENTS = new Set(['date_time', 'sale_starts_at', 'sale_ends_at']);

/** An entry of the activity log as a sentence. */
export function activityWords(activity: Activity): ActivityWords {
  return {
    who: activity.actor_name === null ? 'Somebody at the database' : isolated(activity.actor_name),
    did: did(activity),
    more: [...changes(activity), ...consequences(activity)],
  };
}

function did(activity: Activity): string {
  const user = isolated(activity.user_name ?? '?');
  const whose = activity.actor_id === activity.user_id ? '' : ` of ${user}`;
  switch (activity.action) {
    case 'event-created':
      return 'created';
    case 'event-edited':
      return isPublication(activity.detail) ? 'published' : 'edited';
    case 'event-cancelled':
      return 'cancelled';
    case 'event-completed':
      return 'marked as completed';
    case 'booking-cancelled':
      return `cancelled booking ${activity.booking_id}${whose} for`;
    case 'ticket-admitted':
      return `checked in a ticket${whose} for`;
    case 'user-created':
      return `created the user ${user}`;
    case 'user-changed':
      return changedUser(activity, user);
    case 'user-erased':
      return activity.actor_id === activity.user_id
        ? 'deleted their account'
        : `erased the user with the number ${activity.user_id}`;
    case 'event-message-sent':
      return 'sent a message to the guests of';
    case 'webhook-created':
      return `created the webhook for ${host(activity)}`;
    case 'webhook-changed':
      return activity.detail['new_secret'] === true
        ? `made a new secret for the webhook for ${host(activity)}`
        : `changed the webhook for ${host(activity)}`;
    case 'webhook-deleted':
      return `deleted the webhook for ${host(activity)}`;
    case 'webhook-replayed':
      return `had facts sent again to the webhook for ${host(activity)}`;
    case 'token-created':
      return `made ${tokenOf(activity)}`;
    case 'token-revoked':
      return `revoked ${tokenOf(activity)}`;
  }
}

function changedUser({ detail }: Activity, user: string): string {
  const { became }: ActivityDetail = detail;
  if (detail['password_code'] === true) return `made a code for a new password for ${user}`;
  const factor = factorWords(detail, user);
  if (factor !== null) return factor;
  if (detail['signed_out'] === true) return `signed ${user} out everywhere`;
  if (became?.['disabled'] === true) return `disabled the account of ${user}`;
  if (became?.['disabled'] === false) return `enabled the account of ${user} again`;
  // With a name beside it, the user was made an admin in psql.
  if (became?.['role'] !== undefined && became['name'] === undefined) {
    return `made ${user} ${became['role'] === 'admin' ? 'an admin' : 'a customer'}`;
  }
  return phoneWords(detail, user) ?? `changed the user ${user}`;
}

function factorWords(detail: Activity['detail'], user: string): string | null {
  if (detail['second_factor'] === true) return `turned on the second factor of ${user}`;
  if (detail['second_factor'] === false) return `turned off the second factor of ${user}`;
  if (detail['new_recovery_codes'] === true) return `made new recovery codes for ${user}`;
  return detail['recovery_code_used'] === true ? `used a recovery code of ${user}` : null;
}

function phoneWords(detail: ActivityDetail, user: string): string | null {
  if (detail.phone_lost === true) return `took over the number of ${user}`;
  if (detail.new_phone === true) return `gave ${user} another number`;
  return detail.phone_verified === true ? `verified the number of ${user}` : null;
}

function host({ detail }: Activity): string {
  return isolated(String(detail['host'] ?? '?'));
}

function tokenOf({ detail, event_id: event }: Activity): string {
  const kind = detail['is_pass'] === true ? 'a door pass' : 'an API token';
  return event === null ? kind : `${kind} for`;
}

function isPublication({ was }: ActivityDetail): boolean {
  return was?.['status'] === 'draft';
}

function changes({ action, detail }: Activity): string[] {
  const { was, became = {} }: ActivityDetail = detail;
  if (!action.startsWith('event-') || was === undefined) return [];
  return changeWords(was, became);
}

/** The changes of an edit, a line for each field: “Capacity: 100 → 120”. */
export function changeWords(
  was: Record<string, unknown>,
  became: Record<string, unknown>,
): string[] {
  return Object.keys(was)
    .filter((field) => field !== 'status')
    .map(
      (field) =>
        ONLY_NEW[field] ??
        `${FIELDS[field] ?? field}: ${shown(field, was[field])} → ${shown(field, became[field])}`,
    );
}

function consequences({ detail }: Activity): string[] {
  const { bookings_cancelled: bookings, tickets_cancelled: tickets = 0 }: ActivityDetail = detail;
  if (bookings === undefined) return [];
  return [`${countOf(bookings, 'booking')} and ${countOf(tickets, 'ticket')} cancelled`];
}

function shown(field: string, value: unknown): string {
  if (value === null) return 'nothing';
  if (MOMENTS.has(field)) return shortMoment(String(value));
  // Without an offset: no zone may move it.
  return field === 'local_date_time'
    ? shortMoment(`${String(value)}Z`, UTC)
    : isolated(String(value));
}
