import { DaySales } from '../../api/admin-shapes';

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
  /** Where the scale of days begins and ends. */
  from: string;
  to: string;
}

const DAY_MS = 86_400_000;
const WIDTH = 720;
const HEIGHT = 200;
/** However few days there are, a bar is no wall. */
const FEWEST_DAYS = 14;

/** Bars of tickets sold by day, on a scale of days: a day without a sale is a gap. */
export function salesChart(days: readonly DaySales[]): Chart {
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) {
    return { width: WIDTH, height: HEIGHT, bars: [], ticks: [], from: '', to: '' };
  }
  const span = Math.max(dayNumber(last.date) - dayNumber(first.date) + 1, FEWEST_DAYS);
  const start = dayNumber(last.date) - span + 1;
  const top = roundTop(Math.max(...days.map((day) => day.tickets), 0));
  const step = WIDTH / span;
  const bars = days.map((day) => {
    const height = (HEIGHT * Math.max(day.tickets, 0)) / top;
    return {
      day,
      x: (dayNumber(day.date) - start) * step,
      y: HEIGHT - height,
      width: Math.max(step * 0.8, 1),
      height,
    };
  });
  const ticks = [0, top / 2, top].map((tickets) => ({
    tickets,
    y: HEIGHT - (HEIGHT * tickets) / top,
  }));
  const from = new Date(start * DAY_MS).toISOString().slice(0, 10);
  return { width: WIDTH, height: HEIGHT, bars, ticks, from, to: last.date };
}

/** The next of 2, 4, 10, 20, 40, 100, …: round, and half of it is whole. */
function roundTop(most: number): number {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [2, 4, 10]) {
      if (step * unit >= most) return step * unit;
    }
  }
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}
