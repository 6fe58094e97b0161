import { clockFormat, VenueClock } from './venue-clock';

export interface Month<T> {
  /** “December 2026” */
  name: string;
  items: readonly T[];
}

/** The items in their order, in the months in which their events start on the venue’s clock. */
export function byMonth<T>(
  items: readonly T[],
  eventOf: (item: T) => VenueClock & { date_time: string },
  locale?: string,
): Month<T>[] {
  // At one moment it may be another month elsewhere, so that a month can come up again.
  const months = new Map<string, T[]>();
  for (const item of items) {
    const event = eventOf(item);
    const format = clockFormat({ month: 'long', year: 'numeric' }, event, locale);
    const name = format.format(new Date(event.date_time));
    months.set(name, [...(months.get(name) ?? []), item]);
  }
  return [...months].map(([name, inMonth]) => ({ name, items: inMonth }));
}
