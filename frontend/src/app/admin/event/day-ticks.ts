/** A day that the scale under a chart names, and where it stands on that scale, from 0 to 1. */
export interface DayTick {
  date: string;
  place: number;
  /** The day begins a month, and only the month is named. */
  month: boolean;
}

const DAY_MS = 86_400_000;
/** The number of labels that fit beside each other on a phone. */
const MOST_TICKS = 6;
/** 1970 began on a Thursday, so the first Monday was its day 4. */
const FIRST_MONDAY = 4;

interface Step {
  month: boolean;
  includes: (day: number, last: number) => boolean;
}

const STEPS: Step[] = [
  { month: false, includes: (day, last) => (last - day) % 3 === 0 },
  { month: false, includes: (day) => (day - FIRST_MONDAY) % 7 === 0 },
  { month: false, includes: (day) => (day - FIRST_MONDAY) % 14 === 0 },
  ...[1, 2, 3, 6, 12, 24, 60].map((months) => ({
    month: true,
    includes: (day: number) => beginsMonth(day, months),
  })),
];

/** Every third day, or Mondays, or first days of a month: as many of them as have room. */
export function dayTicks(from: string, to: string): DayTick[] {
  const start = dayNumber(from);
  const last = dayNumber(to);
  const span = last - start + 1;
  const days = Array.from({ length: span }, (_, place) => start + place);
  for (const { month, includes } of STEPS) {
    const named = days.filter((day) => includes(day, last));
    if (named.length > MOST_TICKS) continue;
    return named.map((day) => ({
      date: isoDay(day),
      place: (day - start + 0.5) / span,
      month,
    }));
  }
  return [];
}

/** Days since 1970. The day is already that of the venue, so no zone may move it. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

export function isoDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

function beginsMonth(day: number, months: number): boolean {
  const date = new Date(day * DAY_MS);
  const count = date.getUTCFullYear() * 12 + date.getUTCMonth();
  return date.getUTCDate() === 1 && count % months === 0;
}
