import { LOCALE } from './locale';

/** The clock a time is told on: each event brings its own. */
export interface VenueClock {
  /** The IANA name of its time zone. */
  time_zone: string;
  /** How far it is ahead of UTC when the event starts, as in `+01:00`. */
  utc_offset: string;
}

export const UTC: VenueClock = { time_zone: 'UTC', utc_offset: '+00:00' };

type Format = Pick<Intl.DateTimeFormat, 'format' | 'formatToParts'>;

/**
 * Formats moments on that clock; without one, on the reader's. A browser that is older than the
 * zone does not know it: then the clock is taken to be always as far ahead of UTC as when the event
 * starts.
 */
export function clockFormat(
  options: Intl.DateTimeFormatOptions,
  clock?: VenueClock,
  locale: string = LOCALE,
): Format {
  if (clock === undefined) return new Intl.DateTimeFormat(locale, options);
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: clock.time_zone });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return offsetFormat(options, clock.utc_offset, locale);
  }
}

/** Formats moments on a clock that is always this far ahead of UTC. */
function offsetFormat(options: Intl.DateTimeFormatOptions, offset: string, locale: string): Format {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(offset) ?? ['', '+', '00', '00'];
  const ahead = Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const rest = minutes === '00' ? '' : `:${minutes}`;
  const name = ahead === 0 ? 'GMT' : `GMT${sign}${Number(hours)}${rest}`;
  const utc = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  const formatToParts = (moment?: Date | number) =>
    utc
      .formatToParts(Number(moment ?? Date.now()) + ahead)
      .map((part) => (part.type === 'timeZoneName' ? { ...part, value: name } : part));
  return {
    formatToParts,
    format: (moment) =>
      formatToParts(moment)
        .map((part) => part.value)
        .join(''),
  };
}
