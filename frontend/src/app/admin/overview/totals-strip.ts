import { Component, computed, input } from '@angular/core';
import { Totals } from '../../api/admin-shapes';
import { formatCount } from '../../formats/count';
import { formatMoney } from '../../formats/money';

/** The list's statistics, added up. */
@Component({
  selector: 'mq-totals-strip',
  template: `
    <dl class="terms figures">
      @for (figure of figures(); track figure.term) {
        <div>
          <dt>{{ figure.term }}</dt>
          <dd>{{ figure.value }}</dd>
        </div>
      }
    </dl>
  `,
  styles: `
    dl {
      display: grid;
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: var(--space-3) var(--space-4);
      padding-block: var(--space-3);
      border-block-start: var(--rule);
    }

    div:last-child {
      grid-column: 1 / -1;
    }

    @media (width >= 46rem) {
      dl {
        grid-template-columns: repeat(4, minmax(0, auto)) minmax(0, auto);
        justify-content: space-between;
      }

      div:last-child {
        grid-column: auto;
      }
    }
  `,
})
export class TotalsStrip {
  readonly totals = input.required<Totals>();

  protected readonly figures = computed(() => {
    const totals = this.totals();
    return [
      { term: 'Events', value: formatCount(totals.events) },
      { term: 'Bookings', value: formatCount(totals.bookings) },
      { term: 'Tickets sold', value: formatCount(totals.tickets_sold) },
      { term: 'Checked in', value: formatCount(totals.tickets_checked_in) },
      { term: 'Booked value', value: formatMoney(totals.revenue, totals.currency) },
    ];
  });
}
