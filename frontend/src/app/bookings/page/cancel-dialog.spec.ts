import { inputBinding, outputBinding } from '@angular/core';
import { problem, showPage } from '../../../testing/page';
import { sampleBooking } from '../../../testing/samples';
import { Booking } from '../../api/shapes';
import { CancelDialog } from './cancel-dialog';

describe('CancelDialog', () => {
  let cancelled: Booking | null;

  function open(booking = sampleBooking) {
    cancelled = null;
    const page = showPage(CancelDialog, [
      inputBinding('booking', () => booking),
      outputBinding<Booking>('cancelled', (booking) => (cancelled = booking)),
    ]);
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
    page.fixture.componentInstance.open();
    return page;
  }

  it('says what cancelling does', () => {
    const dialog = open().screen.getByRole('dialog', { name: 'Cancel this booking?' });
    expect(dialog.textContent).toMatch(/2 tickets for Jazz am Kanal.*back on sale.*undone/s);
  });

  it('says what becomes of the money', () => {
    const event = { ...sampleBooking.event, how_to_pay: 'Pay at the door.' };
    const dialog = open({ ...sampleBooking, event }).screen.getByRole('dialog');
    expect(dialog.textContent).toContain('Total €50.00. If you have paid, the organiser says');
    expect(dialog.textContent).toContain('How to pay: Pay at the door.');
  });

  it('says nothing about money where there is none', () => {
    const dialog = open({ ...sampleBooking, total_amount: '0.00' }).screen.getByRole('dialog');
    expect(dialog.textContent).not.toMatch(/Total|paid/);
  });

  it('cancels and hands on the cancelled booking', async () => {
    const { backend, screen, settled } = open();
    screen.getByRole('button', { name: 'Cancel booking' }).click();
    const request = backend.expectOne({ method: 'PUT', url: '/api/bookings/42' });
    expect(request.request.body).toEqual({ status: 'cancelled' });
    request.flush({ ...sampleBooking, status: 'cancelled' });
    await settled();
    expect(cancelled).toMatchObject({ id: 42, status: 'cancelled' });
    expect(screen.getByRole<HTMLDialogElement>('dialog').open).toBe(false);
  });

  it('stays open with the reason when it cannot', async () => {
    const { backend, screen, settled } = open();
    screen.getByRole('button', { name: 'Cancel booking' }).click();
    backend
      .expectOne('/api/bookings/42')
      .flush(problem('booking-not-cancellable', 409), { status: 409, statusText: 'Conflict' });
    await settled();
    expect(screen.getByText('Detail of booking-not-cancellable.')).toBeTruthy();
    expect(cancelled).toBeNull();
    expect(screen.getByRole<HTMLDialogElement>('dialog').open).toBe(true);
  });

  it('leaves everything as it is when the booking is kept', () => {
    const { backend, screen } = open();
    screen.getByRole('button', { name: 'Keep booking' }).click();
    backend.expectNone('/api/bookings/42');
    expect(screen.getByRole<HTMLDialogElement>('dialog').open).toBe(false);
  });
});
