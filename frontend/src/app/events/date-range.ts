/** Whole days as the API takes them (`2026-12-05`), both ends included. */
export interface DateRange {
  from: string | null;
  to: string | null;
}

export type QuickPick = 'any' | 'today' | 'weekend' | 'month';

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
      // On a Sunday the weekend is what is left of it.
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

export function isIsoDay(text: string | null | undefined): text is string {
  return (
    typeof text === 'string' &&
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(`${text}T00:00:00Z`))
  );
}

function isoDay(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
