import { Booking } from '../api/shapes';
import { shortDate, shortMoment, timeOfDay } from '../formats/moment';
import { VenueClock } from '../formats/venue-clock';

type EventChange = Booking['changes'][number];

/**
 * What changed since it was booked: “11:00 → 09:00, Muschelsaal → Ersatzhalle”. Null when nothing
 * did, or when the booking admits nobody any more.
 */
export function changesInWords(
  { changes, event, status }: Booking,
  locale?: string,
): string | null {
  if (changes.length === 0 || status === 'cancelled') return null;
  return changes.map((change) => inWords(change, event, locale)).join(', ');
}

function inWords({ field, was, became }: EventChange, clock: VenueClock, locale?: string): string {
  switch (field) {
    case 'date_time':
      return moved(was ?? '', became ?? '', clock, locale);
    case 'venue':
      return `${was} → ${became}`;
    case 'doors_open':
      if (was === null) return `doors ${became}`;
      return became === null ? `doors no longer at ${was}` : `doors ${was} → ${became}`;
  }
}

/** On the same day only its time is news. */
function moved(was: string, became: string, clock: VenueClock, locale?: string): string {
  const sameDay = shortDate(was, clock, locale) === shortDate(became, clock, locale);
  const written = sameDay ? timeOfDay : shortMoment;
  return `${written(was, clock, locale)} → ${written(became, clock, locale)}`;
}
