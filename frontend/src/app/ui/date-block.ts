import { Component, computed, input } from '@angular/core';
import { dateBlock, longMoment } from '../formats/moment';
import { VenueClock } from '../formats/venue-clock';

/** The date as a big numeral, to be scanned down a page; read out as one sentence. */
@Component({
  selector: 'mq-date-block',
  template: `
    <time [attr.datetime]="moment()">
      <span class="visually-hidden">{{ spoken() }}</span>
      <span class="pieces" aria-hidden="true">
        <span class="weekday">{{ block().weekday }}</span>
        <span class="day">{{ block().day }}</span>
        <span class="month">{{ block().month }}</span>
        @if (otherYear()) {
          <span class="year">{{ block().year }}</span>
        }
      </span>
    </time>
  `,
  styles: `
    :host {
      display: block;
      font-family: var(--display);
    }

    .pieces {
      display: grid;
      justify-items: start;
      line-height: 1;
    }

    /* Above what forced colours paint behind the numeral. */
    .weekday {
      position: relative;
      z-index: 1;
    }

    .weekday,
    .month,
    .year {
      font-size: var(--size-small);
      font-weight: 600;
      line-height: 1.15;
    }

    .day {
      margin-block: 0.02em 0.06em;
      font-size: var(--size-numeral);
      font-weight: 800;
      letter-spacing: -0.03em;
      line-height: 0.9;
    }

    .year {
      color: var(--ink-soft);
      font-weight: 500;
    }
  `,
})
export class DateBlock {
  readonly moment = input.required<string>();
  readonly clock = input.required<VenueClock>();

  protected readonly block = computed(() => dateBlock(this.moment(), this.clock()));
  protected readonly otherYear = computed(
    () => this.block().year !== dateBlock(new Date().toISOString(), this.clock()).year,
  );
  protected readonly spoken = computed(() => longMoment(this.moment(), this.clock()));
}
