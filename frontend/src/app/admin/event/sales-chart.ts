import { Component, computed, input, linkedSignal } from '@angular/core';
import { Sales } from '../../api/admin-shapes';
import { countOf, formatCount } from '../../formats/count';
import { formatMoney } from '../../formats/money';
import { clockFormat, UTC } from '../../formats/venue-clock';
import { nearestBar, salesChart } from './chart-scale';
import { dayTicks } from './day-ticks';

/**
 * Tickets sold by day as bars, and the same numbers as a table. The bars are a slider, so that the
 * numbers of each day can be read under a pointer, by touch, with the keys, and by screen readers.
 */
@Component({
  selector: 'mq-sales-chart',
  templateUrl: './sales-chart.html',
  styleUrl: './sales-chart.css',
})
export class SalesChart {
  readonly sales = input.required<Sales>();
  /** The days on which the event was edited, each a line across the chart. */
  readonly edits = input<readonly string[]>([]);

  protected readonly chart = computed(() => salesChart(this.sales().items, this.edits()));
  protected readonly days = computed(() => {
    const { items, currency } = this.sales();
    return items.map((item) => {
      const date = longDay(item.date);
      const revenue = formatMoney(item.revenue, currency);
      const sold = `${countOf(item.tickets, 'ticket')} in ${countOf(item.bookings, 'booking')}`;
      return {
        iso: item.date,
        date,
        bookings: formatCount(item.bookings),
        tickets: formatCount(item.tickets),
        revenue,
        words: `${date}: ${sold}, ${revenue}`,
      };
    });
  });
  protected readonly dayTicks = computed(() => {
    const { from, to } = this.chart();
    return dayTicks(from, to).map((tick) => ({
      ...tick,
      words: tick.month ? monthName(tick.date) : shortDay(tick.date),
    }));
  });
  /** The place of the bar whose day is read out. */
  protected readonly shown = linkedSignal<Sales, number | null>({
    source: this.sales,
    computation: () => null,
  });
  protected readonly place = computed(() => this.shown() ?? this.days().length - 1);
  protected readonly words = computed(() => this.days()[this.place()]?.words);
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

  protected show(place: number): void {
    this.shown.set(Math.min(Math.max(place, 0), this.days().length - 1));
  }

  protected hide(): void {
    this.shown.set(null);
  }

  protected step(event: KeyboardEvent): void {
    const place = this.place();
    const target = new Map([
      ['ArrowLeft', place - 1],
      ['ArrowDown', place - 1],
      ['ArrowRight', place + 1],
      ['ArrowUp', place + 1],
      ['PageDown', place - 7],
      ['PageUp', place + 7],
      ['Home', 0],
      ['End', this.days().length - 1],
    ]).get(event.key);
    if (target === undefined) return;
    event.preventDefault();
    this.show(target);
  }

  protected point(event: PointerEvent): void {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    this.show(nearestBar(this.chart(), (event.clientX - left) / width));
  }

  /** A finger leaves when it is lifted, and what it asked for stays. */
  protected leave(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.currentTarget !== document.activeElement) {
      this.hide();
    }
  }
}

function longDay(date: string): string {
  return dayFormat({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, date);
}

function shortDay(date: string): string {
  return dayFormat({ day: 'numeric', month: 'short' }, date);
}

/** “Feb”, and “Jan 2027” where a year begins. */
function monthName(date: string): string {
  const year = date.slice(5, 7) === '01' ? { year: 'numeric' as const } : {};
  return dayFormat({ month: 'short', ...year }, date);
}

/** The day is already that of the venue: no zone may move it. */
function dayFormat(options: Intl.DateTimeFormatOptions, date: string): string {
  return clockFormat(options, UTC).format(new Date(`${date}T00:00:00Z`));
}
