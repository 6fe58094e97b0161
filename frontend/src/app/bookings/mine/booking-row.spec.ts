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
});
