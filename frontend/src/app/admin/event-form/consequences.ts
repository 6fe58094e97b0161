import { AdminEvent } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { formatMoney, isFree } from '../../formats/money';

export type Ending = 'completed' | 'cancelled';

export interface Consequences {
  heading: string;
  yes: string;
  lines: string[];
}

/** The consequences of ending an event, in numbers. */
export function consequences(event: AdminEvent, ending: Ending): Consequences {
  return ending === 'cancelled' ? ofCancelling(event) : ofCompleting(event);
}

function ofCancelling(event: AdminEvent): Consequences {
  const { statistics, currency } = event;
  const { bookings, tickets_sold: sold, tickets_checked_in: used, revenue } = statistics;
  const cancels = `${countOf(bookings, 'booking')} and ${countOf(sold - used, 'ticket')}`;
  return {
    heading: 'Cancel this event?',
    yes: 'Cancel the event',
    lines: [
      bookings === 0
        ? 'Nobody has booked: no booking is cancelled.'
        : `This cancels ${cancels}, and their codes admit nobody any more. Their customers are told.`,
      ...(used === 0 ? [] : [`${countOf(used, 'used ticket stays', 'used tickets stay')} used.`]),
      ...(bookings === 0
        ? []
        : [`The booked value of ${formatMoney(revenue, currency)} goes to zero.`]),
      ...(isFree(revenue) ? [] : [refunds(event)]),
      'It cannot be undone: a cancelled event stays cancelled.',
    ],
  };
}

function refunds({ organiser_contact: contact }: AdminEvent): string {
  const told = 'Marquee records no payments. Guests are told that you return what they have paid';
  return contact === null
    ? `${told}. The event names no contact, so they do not read whom to ask.`
    : `${told}, and to ask ${isolated(contact)}.`;
}

function ofCompleting({ statistics, capacity }: AdminEvent): Consequences {
  const { bookings, tickets_sold: sold } = statistics;
  const left = capacity - sold;
  return {
    heading: 'Mark this event as completed?',
    yes: 'Mark as completed',
    lines: [
      left === 0
        ? 'Nobody can book or cancel any more.'
        : `Nobody can book or cancel any more: ${countOf(left, 'unsold ticket goes', 'unsold tickets go')} off sale.`,
      `${countOf(bookings, 'booking')} and ${countOf(sold, 'ticket')} stay as they are, and tickets can still be checked in.`,
      'It cannot be undone: a completed event is read-only.',
    ],
  };
}
