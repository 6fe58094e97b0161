import { EventDetails } from '../api/shapes';

export type EventState =
  'draft' | 'not-yet' | 'open' | 'sold-out' | 'sale-ended' | 'cancelled' | 'over';

/**
 * Why customers can or cannot book an event. The server says whether an event has started, and
 * whether it is on sale; the reader's clock may be wrong.
 */
export function eventState(
  event: Pick<EventDetails, 'status' | 'tickets_available' | 'bookable' | 'closed_reason'>,
): EventState {
  if (event.status === 'draft') return 'draft';
  if (event.status === 'cancelled') return 'cancelled';
  if (!event.bookable) return 'over';
  if (event.closed_reason === 'not-yet-on-sale') return 'not-yet';
  if (event.closed_reason === 'sale-ended') return 'sale-ended';
  return event.tickets_available > 0 ? 'open' : 'sold-out';
}
