import { EventDetails } from '../api/shapes';
import { isPast } from '../formats/moment';

export type EventState = 'open' | 'sold-out' | 'cancelled' | 'over' | 'closed';

/** An event past its start is over, whether or not somebody has marked it completed. */
export function isOver(
  event: Pick<EventDetails, 'status' | 'date_time'>,
  now: Date = new Date(),
): boolean {
  return event.status === 'completed' || isPast(event.date_time, now);
}

/** Why an event can or cannot be booked; `closed` is the server's no for a reason not known here. */
export function eventState(
  event: Pick<EventDetails, 'status' | 'date_time' | 'tickets_available' | 'bookable'>,
  now: Date = new Date(),
): EventState {
  if (event.status === 'cancelled') return 'cancelled';
  if (isOver(event, now)) return 'over';
  if (event.tickets_available <= 0) return 'sold-out';
  return event.bookable ? 'open' : 'closed';
}
