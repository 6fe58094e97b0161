/** Whole days as the API takes them (`2026-12-05`), both ends included. */
export interface DateRange {
  from: string | null;
  to: string | null;
}

export type QuickPick = 'any' | 'today' | 'weekend' | 'month';

/** The first and the last day the API knows. */
export const FIRST_DAY = '1900-01-01';
export const LAST_DAY = '2199-12-31';

const SATURDAY = 6;

export function quickRange(pick: QuickPick, today: Date): DateRange {
  const day = today.getDate();
  const inThisMonth = (date: number) =>
    isoDay(new Date(today.getFullYear(), today.getMonth(), date));
  switch (pick) {
    case 'any':
      return { from: null, to: null };
    case 'today':
      return { from: isoDay(today), to: isoDay(today) };
    case 'weekend': {
      // On a Sunday only that day is left of the weekend.
      const toSaturday = today.getDay() === 0 ? -1 : SATURDAY - today.getDay();
      return {
        from: inThisMonth(day + Math.max(toSaturday, 0)),
        to: inThisMonth(day + toSaturday + 1),
      };
    }
    case 'month':
      return {
        from: isoDay(today),
        to: isoDay(new Date(today.getFullYear(), today.getMonth() + 1, 0)),
      };
  }
}

/** Which quick pick a range is, so that a shared link shows the right one pressed. */
export function quickPickOf(range: DateRange, today: Date): QuickPick | null {
  const picks: QuickPick[] = ['any', 'today', 'weekend', 'month'];
  const same = (pick: QuickPick) => {
    const candidate = quickRange(pick, today);
    return candidate.from === range.from && candidate.to === range.to;
  };
  return picks.find(same) ?? null;
}

/** A day the API takes: one that exists, between the first and the last. */
export function isIsoDay(text: string | null | undefined): text is string {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00Z`);
  // Some browsers read 30 February as 2 March.
  const exists = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
  return exists && text >= FIRST_DAY && text <= LAST_DAY;
}

function isoDay(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
