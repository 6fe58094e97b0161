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
      return 'edited';
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
      return `changed the user ${user}`;
  }
}

function changes({ action, detail }: Activity): string[] {
  const { was, became = {} }: ActivityDetail = detail;
  if (!action.startsWith('event-') || was === undefined) return [];
  return Object.keys(was)
    .filter((field) => field !== 'status')
    .map((field) =>
      field === 'description'
        ? 'New description'
        : `${FIELDS[field] ?? field}: ${shown(field, was[field])} → ${shown(field, became[field])}`,
    );
}

function consequences({ detail }: Activity): string[] {
  const { bookings_cancelled: bookings, tickets_cancelled: tickets = 0 }: ActivityDetail = detail;
  if (bookings === undefined) return [];
  return [`${countOf(bookings, 'booking')} and ${countOf(tickets, 'ticket')} cancelled`];
}

function shown(field: string, value: unknown): string {
  if (value === null) return 'nothing';
  if (field === 'date_time') return shortMoment(String(value));
  // Without an offset: no zone may move it.
  return field === 'local_date_time'
    ? shortMoment(`${String(value)}Z`, UTC)
    : isolated(String(value));
}
