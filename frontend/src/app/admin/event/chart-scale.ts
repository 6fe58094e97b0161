import { DaySales } from '../../api/admin-shapes';
import { dayNumber, isoDay } from './day-ticks';

/** A bar for each day: where, how high, and which day it stands for. */
export interface Bar {
  day: DaySales;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Tick {
  y: number;
  tickets: number;
}

export interface Chart {
  width: number;
  height: number;
  bars: Bar[];
  ticks: Tick[];
  /** Where the days of edits are. */
  edits: number[];
  /** Where the scale of days begins and ends. */
  from: string;
  to: string;
}

const WIDTH = 720;
const HEIGHT = 200;
/** However few days there are, a bar is no wall. */
const FEWEST_DAYS = 14;
const WIDEST_BAR = 20;

/**
 * Bars of tickets sold by day, on a scale of days: a day without a sale is a gap. The scale has the
 * days of edits as well.
 */
export function salesChart(days: readonly DaySales[], editDays: readonly string[] = []): Chart {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) {
    return { width: WIDTH, height: HEIGHT, bars: [], ticks: [], edits: [], from: '', to: '' };
  }
  const numbers = [first.date, last.date, ...editDays].map(dayNumber);
  const end = Math.max(...numbers);
  const span = Math.max(end - Math.min(...numbers) + 1, FEWEST_DAYS);
  const start = end - span + 1;
  const top = roundTop(Math.max(...days.map((day) => day.tickets), 0));
  const step = WIDTH / span;
  const width = Math.min(Math.max(step * 0.8, 1), WIDEST_BAR);
  const bars = days.map((day) => {
    const height = (HEIGHT * Math.max(day.tickets, 0)) / top;
    return {
      day,
      x: (dayNumber(day.date) - start + 0.5) * step - width / 2,
      y: HEIGHT - height,
      width,
      height,
    };
  });
  const ticks = [0, top / 2, top].map((tickets) => ({
    tickets,
    y: HEIGHT - (HEIGHT * tickets) / top,
  }));
  const edits = [...new Set(editDays)].map((day) => (dayNumber(day) - start + 0.5) * step);
  return { width: WIDTH, height: HEIGHT, bars, ticks, edits, from: isoDay(start), to: isoDay(end) };
}

/** The next of 2, 4, 10, 20, 40, 100, …: round, and half of it is whole. */
function roundTop(most: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [2, 4, 10]) {
      if (step * unit >= most) return step * unit;
    }
  }
}

/** The place of the bar that is nearest to this share of the chart's width. */
export function nearestBar({ bars, width }: Chart, share: number): number {
  const distances = bars.map((bar) => Math.abs(bar.x + bar.width / 2 - share * width));
  return distances.indexOf(Math.min(...distances));
}
