import { countOf } from './count';

/** “12 minutes ago”; the largest unit that fits, rounded down. */
export function ago(seconds: number): string {
  if (seconds < 60) return `${countOf(seconds, 'second')} ago`;
  if (seconds < 3600) return `${countOf(Math.floor(seconds / 60), 'minute')} ago`;
  if (seconds < 2 * 86_400) return `${countOf(Math.floor(seconds / 3600), 'hour')} ago`;
  return `${countOf(Math.floor(seconds / 86_400), 'day')} ago`;
}
