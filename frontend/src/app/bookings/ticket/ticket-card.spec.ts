import { inputBinding } from '@angular/core';
import encodeQR from 'qr';
import decodeQR from 'qr/decode.js';
import { showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { Ticket } from '../../api/shapes';
import { TicketCard } from './ticket-card';

const SCALE = 4;

/** Prints the drawn path on a bitmap, as a screen would, for a reader to read. */
function bitmapOf(svg: Element): { width: number; height: number; data: Uint8ClampedArray } {
  const size = Number(svg.getAttribute('viewBox')?.split(' ')[2]) * SCALE;
  const data = new Uint8ClampedArray(size * size * 4).fill(255);
  const path = svg.querySelector('path')?.getAttribute('d') ?? '';
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < SCALE; row++) {
      const start = ((Number(y) * SCALE + row) * size + Number(x) * SCALE) * 4;
      for (let pixel = 0; pixel < SCALE; pixel++) {
        data.set([0, 0, 0, 255], start + pixel * 4);
      }
    }
  }
  return { width: size, height: size, data };
}

describe('TicketCard', () => {
  const show = (ticket: Partial<Ticket> = {}) =>
    showPage(TicketCard, [
      inputBinding('ticket', () => ({ ...sampleBooking.tickets[0], ...ticket })),
      inputBinding('event', () => sampleBooking.event),
      inputBinding('number', () => 1),
      inputBinding('count', () => 2),
      inputBinding('bookingId', () => 42),
      inputBinding('holder', () => 'Ana Moreira'),
    ]).screen;

  it('carries its code in a QR code that reads as exactly that', () => {
    const svg = show().getByRole('img', { name: 'QR code of ticket 1 of 2' });
    expect(decodeQR(bitmapOf(svg))).toBe('7FDY9-S5J0F-BKKYT-F3Y6W-M');
  });

  it('leaves the white around the code that scanners need', () => {
    const svg = show().getByRole('img', { name: /QR/ });
    const modules = encodeQR('7FDY9-S5J0F-BKKYT-F3Y6W-M', 'raw', { border: 1 }).length - 2;
    expect(svg.getAttribute('viewBox')).toBe(`0 0 ${modules + 8} ${modules + 8}`);
  });

  it('names the holder and the booking', () => {
    const words = show().getByRole('article').textContent.replaceAll(/\s+/g, ' ');
    expect(words).toContain('Ana Moreira, No. 42');
  });

  it('shows the code in groups to read aloud', () => {
    const screen = show();
    for (const group of ['7FDY9-', 'S5J0F-', 'BKKYT-', 'F3Y6W-', 'M']) {
      expect(screen.getByText(group)).toBeTruthy();
    }
  });

  it.each([
    [{ status: 'cancelled' } as const, 'Cancelled'],
    [{ status: 'used', used_at: null } as const, 'Used'],
  ])('says so when it no longer admits: %j', (ticket, words) => {
    expect(show(ticket).getByText(words)).toBeTruthy();
  });
});
