import { clockFormat, VenueClock } from './venue-clock';

/** A moment as a printed programme sets it: each piece on its own. */
export interface DateBlock {
  weekday: string;
  day: string;
  month: string;
  year: string;
  time: string;
}

export function dateBlock(moment: string, clock: VenueClock, locale?: string): DateBlock {
  const date = new Date(moment);
  const piece = (options: Intl.DateTimeFormatOptions) =>
    clockFormat(options, clock, locale).format(date);
  const parts = clockFormat({ day: 'numeric' }, clock, locale).formatToParts(date);
  return {
    weekday: piece({ weekday: 'short' }),
    day: parts.find((part) => part.type === 'day')?.value ?? '',
    month: piece({ month: 'short' }),
    year: piece({ year: 'numeric' }),
    time: timeOfDay(moment, clock, locale),
  };
}

/** “Saturday, 5 December 2026” */
export function longDate(moment: string, clock: VenueClock, locale?: string): string {
  return clockFormat({ dateStyle: 'full' }, clock, locale).format(new Date(moment));
}

/** “Saturday, 5 December 2026, 19:30 CET” */
export function longMoment(moment: string, clock: VenueClock, locale?: string): string {
  return `${longDate(moment, clock, locale)}, ${timeAndZone(moment, clock, locale)}`;
}

/** “Sat, 5 Dec 2026”, on the reader's clock if there is no other. */
export function shortDate(moment: string, clock?: VenueClock, locale?: string): string {
  return clockFormat(
    { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    clock,
    locale,
  ).format(new Date(moment));
}

/** “Sat, 5 Dec 2026, 19:30” */
export function shortMoment(moment: string, clock?: VenueClock, locale?: string): string {
  return `${shortDate(moment, clock, locale)}, ${timeOfDay(moment, clock, locale)}`;
}

/** On the seventh day from now it is the same weekday again. */
const SIX_DAYS_MS = 6 * 86_400_000;

/** “Friday 10:00” within the next six days, otherwise “Fri, 5 Dec 2026, 10:00”. */
export function nearMoment(
  moment: string,
  clock: VenueClock,
  now: number,
  locale?: string,
): string {
  const ahead = Date.parse(moment) - now;
  if (ahead < 0 || ahead > SIX_DAYS_MS) return shortMoment(moment, clock, locale);
  const weekday = clockFormat({ weekday: 'long' }, clock, locale).format(new Date(moment));
  return `${weekday} ${timeOfDay(moment, clock, locale)}`;
}

export function timeOfDay(moment: string, clock?: VenueClock, locale?: string): string {
  return clockFormat({ timeStyle: 'short' }, clock, locale).format(new Date(moment));
}

/** “19:30 CET”: the time, and on which clock it is. */
export function timeAndZone(moment: string, clock: VenueClock, locale?: string): string {
  return `${timeOfDay(moment, clock, locale)} ${zoneName(moment, clock, locale)}`;
}

/** “CET”, “GMT+9”: which clock a time of day is on. */
export function zoneName(moment: string, clock?: VenueClock, locale?: string): string {
  const parts = clockFormat({ timeZoneName: 'short' }, clock, locale).formatToParts(
    new Date(moment),
  );
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** The same moment on the reader's clock; null when that is the venue's clock, too. */
export function readerMoment(
  moment: string,
  venue: VenueClock,
  reader?: VenueClock,
  locale?: string,
): string | null {
  const wallClock = (clock?: VenueClock) =>
    clockFormat({ dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }, clock, 'en').format(
      new Date(moment),
    );
  if (wallClock(venue) === wallClock(reader)) return null;
  return `${shortMoment(moment, reader, locale)} ${zoneName(moment, reader, locale)}`;
}
