import { countOf } from '../../formats/count';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time in words, in milliseconds: “3 days and 4 hours”, “2 hours and 5 minutes”, “9:05”. */
export function timeLeft(ms: number): string {
  // Rounded up, so that it is zero only once nothing is left.
  const seconds = Math.ceil(ms / 1000);
  if (seconds >= DAY) return both(seconds, DAY, 'day', HOUR, 'hour');
  if (seconds >= HOUR) return both(seconds, HOUR, 'hour', MINUTE, 'minute');
  return `${Math.floor(seconds / MINUTE)}:${String(seconds % MINUTE).padStart(2, '0')}`;
}

function both(seconds: number, large: number, one: string, small: number, other: string): string {
  const rest = Math.floor((seconds % large) / small);
  const first = countOf(Math.floor(seconds / large), one);
  return rest === 0 ? first : `${first} and ${countOf(rest, other)}`;
}
