import { Component, computed, input } from '@angular/core';
import { Sales } from '../../api/admin-shapes';
import { countOf, formatCount } from '../../formats/count';
import { formatMoney } from '../../formats/money';
import { clockFormat, UTC } from '../../formats/venue-clock';
import { salesChart } from './chart-scale';

/** Tickets sold by day as bars, and the same numbers as a table. */
@Component({
  selector: 'mq-sales-chart',
  templateUrl: './sales-chart.html',
  styleUrl: './sales-chart.css',
})
export class SalesChart {
  readonly sales = input.required<Sales>();

  protected readonly chart = computed(() => salesChart(this.sales().items));
  protected readonly days = computed(() => {
    const { items, currency } = this.sales();
    return items.map((item) => ({
      iso: item.date,
      date: longDay(item.date),
      bookings: formatCount(item.bookings),
      tickets: formatCount(item.tickets),
      revenue: formatMoney(item.revenue, currency),
    }));
  });
  protected readonly ends = computed(() => [
    shortDay(this.chart().from),
    shortDay(this.chart().to),
  ]);
  protected readonly summary = computed(() => {
    const { items } = this.sales();
    const best = items.reduce((most, day) => (day.tickets > most.tickets ? day : most));
    const tickets = countOf(
      items.reduce((sum, day) => sum + day.tickets, 0),
      'ticket',
    );
    const days = countOf(items.length, 'day');
    return `${tickets} sold on ${days}. Best day: ${longDay(best.date)} with ${formatCount(best.tickets)}.`;
  });
  protected readonly formatCount = formatCount;
}

function longDay(date: string): string {
  return dayFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, date);
}

function shortDay(date: string): string {
  return dayFormat({ day: 'numeric', month: 'short' }, date);
}

/** The day is already that of the venue: no zone may move it. */
function dayFormat(options: Intl.DateTimeFormatOptions, date: string): string {
  return clockFormat(options, UTC).format(new Date(`${date}T00:00:00Z`));
}
