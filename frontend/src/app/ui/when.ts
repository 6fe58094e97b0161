import { Component, computed, input } from '@angular/core';
import { longDate, readerMoment, shortDate, timeAndZone } from '../formats/moment';
import { VenueClock } from '../formats/venue-clock';

/**
 * When something starts, on the clock of its venue and with the name of that clock. `long` has the
 * whole date, `short` a date cut short and `time` no date.
 */
@Component({
  selector: 'mq-when',
  template: `
    <time [attr.datetime]="moment()">
      @switch (format()) {
        @case ('long') {
          {{ date() }}, <span class="clock">{{ time() }}</span>
        }
        @case ('short') {
          {{ shortDate() }}, <span class="clock">{{ time() }}</span>
        }
        @case ('time') {
          <span class="clock">{{ time() }}</span>
        }
      }
    </time>
    @if (readerTime(); as time) {
      <br /><span class="soft reader">{{ time }} where you are</span>
    }
  `,
  styles: `
    .clock {
      white-space: nowrap;
    }

    .reader {
      font-size: var(--size-small);
      font-weight: 400;
    }
  `,
})
export class When {
  readonly moment = input.required<string>();
  readonly clock = input.required<VenueClock>();
  readonly format = input<'long' | 'short' | 'time'>('long');
  /** Whether to add the time on the reader's clock, where that is another. */
  readonly forReader = input(false);

  protected readonly date = computed(() => longDate(this.moment(), this.clock()));
  protected readonly time = computed(() => timeAndZone(this.moment(), this.clock()));
  protected readonly shortDate = computed(() => shortDate(this.moment(), this.clock()));
  protected readonly readerTime = computed(() =>
    this.forReader() ? readerMoment(this.moment(), this.clock()) : null,
  );
}
