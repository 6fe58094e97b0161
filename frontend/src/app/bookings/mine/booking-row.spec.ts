import { inputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { Booking } from '../../api/shapes';
import { BookingRow } from './booking-row';

describe('BookingRow', () => {
  const show = (booking: Partial<Booking> = {}) =>
    showPage(BookingRow, [inputBinding('booking', () => ({ ...sampleBooking, ...booking }))])
      .screen;

  it.each([
    ['2099-12-05T18:30:00Z', false],
    ['2001-12-05T18:30:00Z', true],
  ])('asks the server and not its clock whether %s is past', (moment, bookable) => {
    const screen = show({ event: { ...sampleBooking.event, date_time: moment, bookable } });
    expect(screen.queryByText('Past') === null).toBe(bookable);
  });

  it('leads to the tickets while they admit', () => {
    const link = show().getByRole('link', { name: /Show 2 tickets/ });
    expect(link.getAttribute('href')).toBe('/bookings/42');
  });

  it.each([
    ['Cancelled', { status: 'cancelled' as const }],
    ['Event cancelled', { event: { ...sampleBooking.event, status: 'cancelled' as const } }],
    ['Past', { event: { ...sampleBooking.event, bookable: false } }],
  ])('offers no tickets that no longer admit: %s', (state, booking) => {
    const screen = show(booking);
    expect(screen.getByText(state)).toBeTruthy();
    expect(screen.queryByRole('link', { name: /Show/ })).toBeNull();
  });

  it('does not take a later cancellation of the event for the reason', () => {
    const event = {
      ...sampleBooking.event,
      status: 'cancelled' as const,
      cancellation_reason: 'The singer is ill.',
    };
    const screen = show({ status: 'cancelled', event, cancelled_before_event: true });
    expect(screen.getByText('Cancelled')).toBeTruthy();
    expect(screen.queryByText('The singer is ill.')).toBeNull();
  });
});
