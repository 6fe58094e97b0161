/** A time as a clock on the venue's wall shows it: `2026-12-05T19:30`, as date-time inputs hold it. */
export type WallTime = string;

export type WallTimeKind = 'once' | 'never' | 'twice';

/** What the clock in that zone shows at that moment. */
export function wallTimeAt(moment: string | number, timeZone: string): WallTime {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(moment));
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((candidate) => candidate.type === type)?.value ?? '';
  const year = part('year').padStart(4, '0');
  return `${year}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The moments at which the clock in that zone shows this time: none when it is put forward over
 * it, two when it is put back.
 */
export function momentsOf(wallTime: WallTime, timeZone: string): number[] {
  const asIfUtc = Date.parse(`${wallTime}:00Z`);
  if (Number.isNaN(asIfUtc)) return [];
  const offsets = [-1, 0, 1].map((days) => offsetAt(asIfUtc + days * 86_400_000, timeZone));
  return [...new Set(offsets)]
    .map((offset) => asIfUtc - offset)
    .filter((moment) => wallTimeAt(moment, timeZone) === wallTime)
    .sort((one, other) => one - other);
}

export function wallTimeKind(wallTime: WallTime, timeZone: string): WallTimeKind {
  const { length } = momentsOf(wallTime, timeZone);
  return length === 0 ? 'never' : length === 1 ? 'once' : 'twice';
}

function offsetAt(moment: number, timeZone: string): number {
  const minutes = Math.floor(moment / 60_000) * 60_000;
  return Date.parse(`${wallTimeAt(minutes, timeZone)}:00Z`) - minutes;
}
