import {
  booleanAttribute,
  Component,
  computed,
  ElementRef,
  input,
  signal,
  viewChild,
} from '@angular/core';
import { Icon } from './icon';

/**
 * List items of which one is in view at a time: swiped, or moved by two buttons beside a counter.
 * With the class `unrolls` it is a plain list where the window is wide. On paper it always is, and
 * what stands in `heading` is repeated on each sheet.
 */
@Component({
  selector: 'mq-swipe-strip',
  imports: [Icon],
  template: `
    <div class="head">
      <ng-content select="[heading]" />
      @if (count() > 1) {
        <div class="pager screen-only">
          <button
            type="button"
            class="button"
            [attr.aria-label]="'Previous ' + of()"
            [attr.aria-disabled]="current() === 0"
            (click)="show(current() - 1)"
          >
            <mq-icon name="previous" />
          </button>
          <p role="status">{{ current() + 1 }} of {{ count() }}</p>
          <button
            type="button"
            class="button"
            [attr.aria-label]="'Next ' + of()"
            [attr.aria-disabled]="current() === last()"
            (click)="show(current() + 1)"
          >
            <mq-icon name="next" />
          </button>
        </div>
      }
    </div>
    <ol #strip [attr.tabindex]="focusable() ? 0 : null" (scroll)="follow()">
      <ng-content />
    </ol>
  `,
  styleUrl: './swipe-strip.css',
})
export class SwipeStrip {
  readonly count = input.required<number>();
  /** The noun for an item, as in “Next ticket”. */
  readonly of = input.required<string>();

  /** Nothing in the items takes the focus: the strip does, and the arrow keys move it. */
  readonly focusable = input(false, { transform: booleanAttribute });

  private readonly strip = viewChild.required<ElementRef<HTMLElement>>('strip');

  protected readonly current = signal(0);
  protected readonly last = computed(() => this.count() - 1);

  show(index: number, behavior: ScrollBehavior = 'auto'): void {
    const strip = this.strip().nativeElement;
    const room = strip.scrollWidth - strip.clientWidth;
    strip.scrollTo({ left: (room * index) / Math.max(this.last(), 1), behavior });
  }

  protected follow(): void {
    const strip = this.strip().nativeElement;
    const room = strip.scrollWidth - strip.clientWidth;
    this.current.set(room === 0 ? 0 : Math.round((strip.scrollLeft / room) * this.last()));
  }
}
