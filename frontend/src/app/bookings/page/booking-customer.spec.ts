import { inputBinding, outputBinding } from '@angular/core';
import { showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { BookingCustomer } from './booking-customer';

describe('BookingCustomer', () => {
  it.each([
    ['\u05e0\u05d5\u05e8', '\u2068\u05e0\u05d5\u05e8\u2069'],
    ['Mallory\u202e', 'Mallory'],
  ])('keeps the number in order after the name %j', async (name, shown) => {
    const page = showPage(BookingCustomer, [inputBinding('booking', () => sampleBooking)]);
    const customer = { id: 5, name, phone: '+4915123456789' };
    page.backend
      .expectOne(({ url }) => url === '/api/bookings/event/7')
      .flush({ items: [{ ...sampleBooking, customer }], next_cursor: null });
    await page.settled();
    const said = page.screen.getByText(/^Booked by/);
    expect(said.textContent.trim()).toBe(`Booked by ${shown}, +49 151\u00a02345\u00a06789`);
  });

  it('checks in the next ticket that was not used', async () => {
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLDialogElement.prototype.close = vi.fn();
    const tickets = sampleBooking.tickets.map((ticket, index) =>
      index === 0 ? { ...ticket, status: 'used' as const } : ticket,
    );
    const checkedIn = vi.fn();
    const page = showPage(BookingCustomer, [
      inputBinding('booking', () => ({ ...sampleBooking, tickets })),
      outputBinding('checkedIn', checkedIn),
    ]);
    page.screen.getByRole('button', { name: 'Check in ticket 2 of 2 …' }).click();
    page.screen.getByRole('button', { name: 'Check in' }).click();
    const request = page.backend.expectOne('/api/tickets/QQDY9S5J0FBKKYTF3Y6WX/check-in');
    expect(request.request.body).toEqual({ event_id: 7 });
    request.flush({});
    await page.settled();
    expect(checkedIn).toHaveBeenCalledOnce();
    expect(page.screen.getByRole('status').textContent).toBe('Ticket 2 of 2 is checked in.');
  });

  it('offers no check-in when every ticket is used or cancelled', () => {
    const tickets = sampleBooking.tickets.map((ticket) => ({ ...ticket, status: 'used' as const }));
    const page = showPage(BookingCustomer, [
      inputBinding('booking', () => ({ ...sampleBooking, tickets })),
    ]);
    expect(page.screen.queryByRole('button', { name: /Check in/ })).toBeNull();
  });
});
