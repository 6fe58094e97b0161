/** A moment as a printed programme sets it: each piece on its own. */
export interface DateBlock {
  weekday: string;
  day: string;
  month: string;
  year: string;
  time: string;
}

export function dateBlock(moment: string, timeZone: string, locale?: string): DateBlock {
  const date = new Date(moment);
  const piece = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone }).format(date);
  const parts = new Intl.DateTimeFormat(locale, { day: 'numeric', timeZone }).formatToParts(date);
  return {
    weekday: piece({ weekday: 'short' }),
    day: parts.find((part) => part.type === 'day')?.value ?? '',
    month: piece({ month: 'short' }),
    year: piece({ year: 'numeric' }),
    time: timeOfDay(moment, timeZone, locale),
  };
}

/** “Saturday, 5 December 2026” */
export function longDate(moment: string, timeZone: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone }).format(new Date(moment));
}

/** “Sat, 5 Dec 2026, 19:30” */
export function shortMoment(moment: string, timeZone?: string, locale?: string): string {
  const day = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone,
  }).format(new Date(moment));
  return `${day}, ${timeOfDay(moment, timeZone, locale)}`;
}

export function timeOfDay(moment: string, timeZone?: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }).format(new Date(moment));
}

/** “CET”, “GMT+9”: which clock a time of day is on. */
export function zoneName(moment: string, timeZone: string, locale?: string): string {
  const parts = new Intl.DateTimeFormat(locale, {
    timeZone,
    timeZoneName: 'short',
  }).formatToParts(new Date(moment));
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
}

/** The same moment on the reader's clock; null when that is the venue's clock, too. */
export function readerMoment(
  moment: string,
  venueZone: string,
  readerZone: string = new Intl.DateTimeFormat().resolvedOptions().timeZone,
  locale?: string,
): string | null {
  const wallClock = (timeZone: string) =>
    new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short', timeZone }).format(
      new Date(moment),
    );
  if (wallClock(venueZone) === wallClock(readerZone)) return null;
  return `${shortMoment(moment, readerZone, locale)} ${zoneName(moment, readerZone, locale)}`;
}
