import { Component, computed, input } from '@angular/core';

/** How much of a capacity is sold, as a bar; the numbers beside it say it in words. */
@Component({
  selector: 'mq-sold-bar',
  template: `
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="all" width="100" height="8" />
      <rect class="sold" height="8" [attr.width]="width()" />
    </svg>
  `,
  styles: `
    :host {
      display: block;
    }

    svg {
      display: block;
      width: 100%;
      height: 0.5rem;
    }

    .all {
      fill: var(--line);
    }

    .sold {
      fill: var(--ink);
    }
  `,
})
export class SoldBar {
  readonly sold = input.required<number>();
  readonly capacity = input.required<number>();

  /** One ticket of very many is still to be seen. */
  protected readonly width = computed(() =>
    this.sold() === 0 ? 0 : Math.max(1, Math.min(100, (100 * this.sold()) / this.capacity())),
  );
}
