import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { SalesChart } from './sales-chart';

const sales = {
  time_zone: 'Europe/Berlin',
  currency: 'EUR',
  items: [
    { date: '2026-10-15', bookings: 1, tickets: 2, revenue: '24.00' },
    { date: '2026-10-20', bookings: 4, tickets: 9, revenue: '108.00' },
    { date: '2026-10-27', bookings: 1, tickets: 1, revenue: '12.00' },
  ],
};

// The order of day and month is the machine's.
const LAST = /^Tue.*\b27\b.* 2026: 1 ticket in 1 booking, €12.00$/;

describe('SalesChart', () => {
  function show() {
    const page = showPage(SalesChart, [inputBinding('sales', () => sales)]);
    const slider = page.screen.getByRole('slider', { name: 'Tickets sold by day' });
    const press = async (key: string) => {
      slider.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
      await page.settled();
    };
    const told = () => slider.getAttribute('aria-valuetext');
    return { ...page, slider, press, told };
  }

  it('tells each day to the keyboard and to screen readers', async () => {
    const { slider, press, told } = show();
    expect(told()).toMatch(LAST);
    await press('ArrowLeft');
    expect(told()).toMatch(/^Tue.*\b20\b.* 2026: 9 tickets in 4 bookings, €108.00$/);
    expect(slider.getAttribute('aria-valuenow')).toBe('2');
    await press('Home');
    await press('ArrowLeft');
    expect(told()).toMatch(/^Thu.*\b15\b.* 2026: 2 tickets in 1 booking, €24.00$/);
    await press('PageUp');
    expect(slider.getAttribute('aria-valuenow')).toBe('3');
  });

  it('shows the day in words and marks its bar while it has the focus', async () => {
    const { fixture, screen, slider, settled } = show();
    const bars = () => [...(fixture.nativeElement as Element).querySelectorAll('rect')];
    expect(screen.getByText('Point at a bar to read its day.')).toBeTruthy();
    slider.dispatchEvent(new FocusEvent('focus'));
    await settled();
    expect(screen.getByText(LAST)).toBeTruthy();
    expect(bars().map((bar) => bar.classList.contains('shown'))).toEqual([false, false, true]);
    slider.dispatchEvent(new FocusEvent('blur'));
    await settled();
    expect(screen.getByText('Point at a bar to read its day.')).toBeTruthy();
  });

  it('names days along the bottom', () => {
    const { screen } = show();
    expect(screen.getByText(/^(24 Oct|Oct 24)$/)).toBeTruthy();
  });
});
