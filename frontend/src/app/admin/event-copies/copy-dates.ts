import { WallTime } from '../event-form/wall-time';

/** The most copies that one request may ask for. */
export const MOST_COPIES = 100;

/** The same time on the clock each week after `first`, `count` times in all. */
export function everyWeek(first: WallTime, count: number): WallTime[] {
  // As if the clock were one in UTC, which no change of clocks moves.
  const start = Date.parse(`${first}:00Z`);
  return Array.from({ length: count }, (_, week) =>
    new Date(start + week * 7 * 86_400_000).toISOString().slice(0, 16),
  );
}

/** Dates with more of them, each once, the earliest first. */
export function withDates(dates: readonly WallTime[], more: readonly WallTime[]): WallTime[] {
  return [...new Set([...dates, ...more])].sort();
}
