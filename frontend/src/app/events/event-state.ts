import { EventDetails } from '../api/shapes';

export type EventState = 'draft' | 'open' | 'sold-out' | 'cancelled' | 'over';

/**
 * Why an event can or cannot be booked. The server says whether an event has started; the reader's
 * clock may be wrong.
 */
export function eventState(
  event: Pick<EventDetails, 'status' | 'tickets_available' | 'bookable'>,
): EventState {
  if (event.status === 'draft') return 'draft';
  if (event.status === 'cancelled') return 'cancelled';
  if (!event.bookable) return 'over';
  return event.tickets_available > 0 ? 'open' : 'sold-out';
}
