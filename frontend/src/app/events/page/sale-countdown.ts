import {
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  output,
  signal,
} from '@angular/core';
import { ServerClock } from '../../api/server-clock';
import { VenueClock } from '../../formats/venue-clock';
import { When } from '../../ui/when';
import { timeLeft } from './time-left';

const SECOND_MS = 1000;

/**
 * When the sale of an event starts, and how long it is until then by the server's clock. From that
 * moment on it emits `due` once a second, until the page has found that the sale is open.
 */
@Component({
  selector: 'mq-sale-countdown',
  imports: [When],
  template: `
    <div class="notice">
      <p class="heading">On sale from</p>
      <p><mq-when [moment]="opensAt()" [clock]="clock()" [forReader]="true" /></p>
      <p class="left" role="timer">{{ words() }}</p>
    </div>
  `,
  styles: `
    .left {
      font-size: var(--size-title);
      font-weight: 600;
      font-variant-numeric: tabular-nums;
    }
  `,
})
export class SaleCountdown {
  readonly opensAt = input.required<string>();
  readonly clock = input.required<VenueClock>();
  readonly due = output();

  readonly #server = inject(ServerClock);
  readonly #now = signal(this.#server.now());
  readonly #left = computed(() => Date.parse(this.opensAt()) - this.#now());
  protected readonly words = computed(() =>
    this.#left() > 0 ? `in ${timeLeft(this.#left())}` : 'in a moment',
  );

  constructor() {
    const timer = setInterval(() => this.#now.set(this.#server.now()), SECOND_MS);
    inject(DestroyRef).onDestroy(() => clearInterval(timer));
    // Each visitor's seconds begin at another moment, so that they do not all ask at once.
    effect(() => {
      if (this.#left() <= 0) this.due.emit();
    });
  }
}
