import { Component, computed, input } from '@angular/core';
import encodeQR from 'qr';

/** Modules of white around the code; scanners need them to find it. */
const QUIET = 4;

/**
 * A QR code as one vector path, so that it is sharp on every screen and on paper. It is black on white
 * in every theme. A browser that replaces colours (forced colours, an automatic dark mode) would make
 * it unreadable. So the white is a part of the drawing, and CSS opts out of both.
 */
@Component({
  selector: 'mq-qr-code',
  template: `
    <svg
      role="img"
      [attr.aria-label]="label()"
      [attr.viewBox]="'0 0 ' + drawing().size + ' ' + drawing().size"
    >
      <rect fill="#fff" [attr.width]="drawing().size" [attr.height]="drawing().size" />
      <path fill="#000" [attr.d]="drawing().path" />
    </svg>
  `,
  styles: `
    :host {
      display: block;
      background: #fff;
      color-scheme: only light;
      forced-color-adjust: none;
    }

    svg {
      display: block;
      width: 100%;
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
    return { path: path.join(''), size: modules.length };
  });
}
