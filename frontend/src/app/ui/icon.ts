import { Component, computed, input } from '@angular/core';

/** Drawn with one line on a square of 24. */
const PATHS = {
  bell: 'M5 17.5h14l-2-3V10a5 5 0 0 0-10 0v4.5zM10 20.5h4M12 5V3',
  calendar: 'M4 6h16v14H4zM4 10.5h16M8 3v5M16 3v5',
  check: 'm4 12.5 5.5 5.5L20 7',
  code: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 8h3v3H8zM13 13h3v3h-3zM13 8h3M8 13h3v3',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  cross: 'm6 6 12 12M18 6 6 18',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  expand: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  minus: 'M5 12h14',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4a6.6 6.6 0 0 0 10.5 10.5z',
  next: 'm9 5 7 7-7 7',
  plus: 'M5 12h14M12 5v14',
  previous: 'm15 5-7 7 7 7',
  print: 'M7 9V3.5h10V9M7 17H4V9h16v8h-3M7 14h10v6.5H7z',
  search: 'M17 10.5a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0zM15.5 15.5l5 5',
  share: 'M8 9.5 12 5.5l4 4M12 6v9M6 12H5v8h14v-8h-1',
  sun:
    'M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2' +
    'M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
} as const;

/** A small drawing beside words; a screen reader hears the words only. */
@Component({
  selector: 'mq-icon',
  template: `
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path [attr.d]="path()" />
    </svg>
  `,
  styles: `
    :host {
      display: inline-block;
      flex: none;
      width: 1.25em;
      height: 1.25em;
    }

    svg {
      display: block;
      width: 100%;
      height: 100%;
      fill: none;
      stroke: currentColor;
      stroke-width: 1.75;
      stroke-linecap: round;
      stroke-linejoin: round;
    }
  `,
})
export class Icon {
  readonly name = input.required<keyof typeof PATHS>();

  protected readonly path = computed(() => PATHS[this.name()]);
}
