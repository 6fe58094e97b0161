import { inputBinding } from '@angular/core';
import { fireEvent, within } from '@testing-library/dom';
import { showPage } from '../../../testing/page';
import { sampleBooking, sampleEvent } from '../../../testing/samples';
import { EventBooking } from '../../api/admin-shapes';
import { EventBookings } from './event-bookings';

const booking: EventBooking = {
  ...sampleBooking,
  tickets_checked_in: 0,
  beyond_customer_limit: false,
  customer: { id: 5, name: 'Ana', phone: '+4930123456' },
};
const event = {
  ...sampleEvent,
  open_to_box_office: true,
  statistics: { bookings: 1, tickets_sold: 2, tickets_checked_in: 0, revenue: '50.00' },
};

describe('EventBookings', () => {
  it('offers all bookings as a spreadsheet first, and as CSV', () => {
    const { screen } = showPage(EventBookings, [inputBinding('event', () => event)]);
    const downloads = screen.getByRole('group', { name: 'Download all bookings' });
    const links = within(downloads).getAllByRole('link');
    expect(links.map((link) => [link.textContent.trim(), link.getAttribute('href')])).toEqual([
      ['Download as Spreadsheet (.xlsx)', '/api/bookings/event/7.xlsx'],
      ['Download as CSV', '/api/bookings/event/7.csv'],
    ]);
    for (const link of links) expect(link.hasAttribute('download')).toBe(true);
  });

  it('offers to cancel what the server says can be cancelled', async () => {
    const { backend, screen, settled } = showPage(EventBookings, [
      inputBinding('event', () => ({ ...event, bookable: false })),
    ]);
    const final = { ...booking, id: 43, cancellable: false };
    backend
      .expectOne('/api/bookings/event/7')
      .flush({ items: [booking, final], next_cursor: null });
    await settled();
    expect(screen.getByRole('button', { name: /booking 42/ })).toBeTruthy();
    expect(screen.queryByRole('button', { name: /booking 43/ })).toBeNull();
  });

  it('tells what was cancelled until it has another result to tell', async () => {
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLDialogElement.prototype.close = vi.fn();
    const { backend, screen, settled } = showPage(EventBookings, [
      inputBinding('event', () => event),
    ]);
    backend.expectOne('/api/bookings/event/7').flush({ items: [booking], next_cursor: null });
    await settled();
    const status = screen.getByRole('status');
    expect(status.textContent).toBe('1 booking shown');

    screen.getByRole('button', { name: /booking 42/ }).click();
    await settled();
    expect(screen.getByText(/^Total €50\.00\. .*return the money yourself\.$/)).toBeTruthy();
    screen.getByRole('button', { name: 'Cancel booking' }).click();
    backend.expectOne('/api/bookings/42').flush({ ...sampleBooking, status: 'cancelled' });
    await settled();
    expect(status.textContent).toBe('Booking 42 of Ana is cancelled.');

    const box = screen.getByRole('searchbox', { name: 'Search bookings' });
    fireEvent.input(box, { target: { value: 'zz' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    await settled();
    backend.expectOne('/api/bookings/event/7?search=zz').flush({ items: [], next_cursor: null });
    await settled();
    expect(status.textContent).toBe('No bookings found');
  });
});
