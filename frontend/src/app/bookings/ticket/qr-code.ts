import { Component, computed, input } from '@angular/core';
import encodeQR from 'qr';

/** Modules of white around the code; scanners need them to find it. */
const QUIET = 4;

/** A QR code as one vector path: sharp on every screen and on paper, black on white in any theme. */
@Component({
  selector: 'mq-qr-code',
  template: `
    <svg role="img" [attr.aria-label]="label()" [attr.viewBox]="drawing().box">
      <path [attr.d]="drawing().path" />
    </svg>
  `,
  styles: `
    :host {
      display: block;
      background: #fff;
    }

    svg {
      display: block;
      width: 100%;
      fill: #000;
      shape-rendering: crispEdges;
    }
  `,
})
export class QrCode {
  readonly text = input.required<string>();
  readonly label = input.required<string>();

  protected readonly drawing = computed(() => {
    const modules = encodeQR(this.text(), 'raw', { border: QUIET });
    const path = modules.flatMap((row, y) =>
      row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])),
    );
    return { path: path.join(''), box: `0 0 ${modules.length} ${modules.length}` };
  });
}
