import { Component, computed, input } from '@angular/core';
import { POSTER_SIZE, posterArt } from './poster-art';

/** The event's poster. It fills its box and says nothing to a screen reader: the title does. */
@Component({
  selector: 'mq-poster',
  template: `
    <svg
      aria-hidden="true"
      preserveAspectRatio="xMidYMid slice"
      [attr.viewBox]="'0 0 ' + size + ' ' + size"
    >
      <rect [attr.width]="size" [attr.height]="size" [attr.fill]="art().ground" />
      @for (shape of art().shapes; track $index) {
        <!-- The stroke, one pixel at every size, covers hairlines where two shapes meet. -->
        <path
          stroke-width="1"
          stroke-linejoin="round"
          vector-effect="non-scaling-stroke"
          [attr.d]="shape.path"
          [attr.fill]="shape.fill"
          [attr.stroke]="shape.fill"
        />
      }
    </svg>
  `,
  styles: `
    :host {
      position: relative;
      display: block;
      overflow: hidden;
    }

    svg {
      /* Out of the flow: the box decides the size, never the drawing. */
      position: absolute;
      width: 100%;
      height: 100%;
    }

    @media print {
      :host {
        print-color-adjust: exact;
        -webkit-print-color-adjust: exact;
      }
    }
  `,
})
export class Poster {
  /** The event's poster_seed. */
  readonly seed = input.required<number>();

  protected readonly size = POSTER_SIZE;
  protected readonly art = computed(() => posterArt(this.seed()));
}
