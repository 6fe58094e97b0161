import { clockFormat, VenueClock } from '../../formats/venue-clock';

/** A time as a clock on the venue's wall shows it: `2026-12-05T19:30`, as date-time inputs hold it. */
export type WallTime = string;

export type WallTimeKind = 'once' | 'never' | 'twice';

/** The wall time of a moment in a zone, by default in that of the reader. */
export function wallTimeAt(moment: string | number, clock?: VenueClock): WallTime {
  const parts = clockFormat(
    {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    },
    clock,
    'en',
  ).formatToParts(new Date(moment));
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((candidate) => candidate.type === type)?.value ?? '';
  const year = part('year').padStart(4, '0');
  return `${year}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The moments at which that clock shows this time: none when it is put forward over it, two when it
 * is put back.
 */
export function momentsOf(wallTime: WallTime, clock: VenueClock): number[] {
  const asIfUtc = Date.parse(`${wallTime}:00Z`);
  if (Number.isNaN(asIfUtc)) return [];
  const offsets = [-1, 0, 1].map((days) => offsetAt(asIfUtc + days * 86_400_000, clock));
  return [...new Set(offsets)]
    .map((offset) => asIfUtc - offset)
    .filter((moment) => wallTimeAt(moment, clock) === wallTime)
    .sort((one, other) => one - other);
}

export function wallTimeKind(wallTime: WallTime, clock: VenueClock): WallTimeKind {
  const { length } = momentsOf(wallTime, clock);
  return length === 0 ? 'never' : length === 1 ? 'once' : 'twice';
}

function offsetAt(moment: number, clock: VenueClock): number {
  const minutes = Math.floor(moment / 60_000) * 60_000;
  return Date.parse(`${wallTimeAt(minutes, clock)}:00Z`) - minutes;
}
