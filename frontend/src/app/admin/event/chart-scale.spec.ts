import { nearestBar, salesChart } from './chart-scale';

describe('salesChart', () => {
  const day = (date: string, tickets: number) => ({ date, tickets, bookings: 1, revenue: '0.00' });

  it('is empty without sales', () => {
    expect(salesChart([]).bars).toEqual([]);
  });

  it('leaves a gap where nothing was sold', () => {
    const { bars, width, from, to } = salesChart([day('2026-10-24', 1), day('2026-10-27', 2)]);
    // Fourteen days are shown at least, and the clocks going back make no day longer.
    expect(bars.map((bar) => Math.round((bar.x / width) * 14))).toEqual([10, 13]);
    expect([from, to]).toEqual(['2026-10-14', '2026-10-27']);
  });

  it('ends at a round number that every bar fits under', () => {
    const { bars, ticks, height } = salesChart([day('2026-10-24', 7), day('2026-10-25', 3)]);
    expect(ticks.map((tick) => tick.tickets)).toEqual([0, 5, 10]);
    expect(bars.map((bar) => bar.height / height)).toEqual([0.7, 0.3]);
    expect(salesChart([day('2026-10-24', 40)]).ticks.at(-1)?.tickets).toBe(40);
    expect(salesChart([day('2026-10-24', 1)]).ticks.at(-1)?.tickets).toBe(2);
  });

  it('keeps a bar thin, however few days there are', () => {
    const { bars, width } = salesChart([day('2026-10-24', 7)]);
    expect((bars[0]?.width ?? width) / width).toBeLessThan(0.03);
  });

  it('finds the bar that is nearest to a place', () => {
    const chart = salesChart([day('2026-10-14', 1), day('2026-10-24', 1), day('2026-10-27', 2)]);
    expect([0, 0.3, 0.6, 0.8, 1].map((share) => nearestBar(chart, share))).toEqual([0, 0, 1, 1, 2]);
  });
});
