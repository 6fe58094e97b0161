import { inputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../../testing/page';
import { sampleBooking, sampleEvent, sampleUserAccount } from '../../../testing/samples';
import { UserAccount } from '../../api/admin-shapes';
import { BoxOffice } from './box-office';

const event = {
  ...sampleEvent,
  statistics: { bookings: 0, tickets_sold: 54, tickets_checked_in: 0, revenue: '0.00' },
};

describe('BoxOffice', () => {
  beforeEach(() => {
    sessionStorage.clear();
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLDialogElement.prototype.close = vi.fn();
  });

  async function choose(found: UserAccount = sampleUserAccount) {
    const page = showPage(BoxOffice, [inputBinding('event', () => event)]);
    const { backend, screen, settled } = page;
    const box = screen.getByRole('searchbox', { name: 'Find a customer' });
    fireEvent.input(box, { target: { value: 'ana' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    await settled();
    backend.expectOne('/api/users?search=ana&limit=6').flush({ items: [found], next_cursor: null });
    await settled();
    screen.getByRole('button', { name: /^Ana/ }).click();
    await settled();
    screen.getByRole('button', { name: 'Set a password' }).click();
    await settled();
    const fill = async (label: string, value: string) => {
      fireEvent.input(screen.getByLabelText(label), { target: { value } });
      await settled();
    };
    const send = async () => {
      screen.getByRole('button', { name: 'Set password' }).click();
      await settled();
    };
    return { ...page, fill, send };
  }

  it('sets a password for the chosen customer', async () => {
    const { backend, screen, settled, fill, send } = await choose();
    expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Ana');
    await fill('Name', 'Ana Maria');
    await fill('New password', 'curtain-call');
    await send();
    const sent = backend.expectOne({ method: 'PUT', url: '/api/users/5' });
    expect(sent.request.body).toEqual({ name: 'Ana Maria', password: 'curtain-call' });
    sent.flush({ ...sampleUserAccount, name: 'Ana Maria' });
    await settled();
    const words = 'Ana Maria can sign in with +49 301 23456 and the new password.';
    expect(screen.getByText(words)).toBeTruthy();
    expect(screen.queryByRole('form')).toBeNull();
    expect(screen.getByRole('button', { name: 'Book 1 ticket' })).toBeTruthy();
  });

  it('says while one types what a password needs', async () => {
    const { backend, screen, fill, send } = await choose();
    await fill('New password', 'short');
    expect(screen.getByText('Use at least 8 characters.')).toBeTruthy();
    await fill('New password', 'x'.repeat(201));
    expect(screen.getByText('Use at most 200 characters; these are 201.')).toBeTruthy();
    await fill('Name', ' ');
    expect(screen.getByText('Enter your name.')).toBeTruthy();
    await send();
    backend.expectNone('/api/users/5');
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  });

  it('keeps what was typed when it cannot be saved', async () => {
    const { backend, screen, settled, fill, send } = await choose();
    await fill('New password', 'curtain-call');
    await send();
    backend
      .expectOne('/api/users/5')
      .flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await settled();
    expect(screen.getByText('Detail of busy.')).toBeTruthy();
    const password = screen.getByLabelText<HTMLInputElement>('New password');
    expect(password.value).toBe('curtain-call');
  });

  it('books for the customer and says the number', async () => {
    const { backend, screen, settled } = await choose();
    screen.getByRole('button', { name: 'Book 1 ticket' }).click();
    const sent = backend.expectOne({ method: 'POST', url: '/api/bookings' });
    expect(sent.request.body).toEqual({
      event_id: 7,
      user_id: 5,
      quantity: 1,
      expected_total_amount: '25.00',
    });
    const event = { ...sampleBooking.event, how_to_pay: 'Pay at the door.' };
    const booking = { ...sampleBooking, quantity: 1, total_amount: '25.00', event };
    sent.flush(booking, { status: 201, statusText: 'Created' });
    await settled();
    expect(screen.getByRole('status').textContent).toContain('1 ticket booked for Ana');
    expect(screen.getByText(/Booking No\. 42/)).toBeTruthy();
    expect(screen.getByRole('status').textContent).toContain('Total €25.00. Pay at the door.');
    screen.getByRole('button', { name: 'Next customer' }).click();
    await settled();
    expect(screen.getByRole('searchbox', { name: 'Find a customer' })).toBeTruthy();
  });

  it('asks before it books for a number that is not verified', async () => {
    const { backend, screen, settled } = await choose({
      ...sampleUserAccount,
      phone_verified: false,
    });
    expect(screen.getByText('number not verified')).toBeTruthy();
    screen.getByRole('button', { name: 'Book 1 ticket' }).click();
    await settled();
    backend.expectNone('/api/bookings');
    screen.getByRole('button', { name: 'Book all the same' }).click();
    await settled();
    backend.expectOne('/api/bookings');
  });

  it('verifies a number, and then asks nothing', async () => {
    const unverified = { ...sampleUserAccount, phone_verified: false };
    const { backend, screen, settled } = await choose(unverified);
    screen.getByRole('button', { name: 'Verify the number' }).click();
    screen.getByRole('button', { name: 'Yes, it is theirs' }).click();
    const sent = backend.expectOne({ method: 'PUT', url: '/api/users/5/phone' });
    expect(sent.request.body).toEqual({
      phone: '+4930123456',
      verified: true,
      take_over: false,
    });
    sent.flush(sampleUserAccount);
    await settled();
    await settled();
    expect(screen.queryByText('number not verified')).toBeNull();
    screen.getByRole('button', { name: 'Book 1 ticket' }).click();
    backend.expectOne('/api/bookings');
  });

  it('gives a number that another account has to the customer who has shown it', async () => {
    const lost = { ...sampleUserAccount, phone_verified: false, phone_lost: true };
    const { backend, screen, settled } = await choose(lost);
    expect(screen.getByText('number is somebody else’s now')).toBeTruthy();
    screen.getByRole('button', { name: 'New number' }).click();
    await settled();
    fireEvent.input(screen.getByLabelText('Phone'), { target: { value: '030 999999' } });
    screen.getByRole('button', { name: 'Save the number' }).click();
    await settled();
    const refused = backend.expectOne('/api/users/5/phone');
    expect(refused.request.body).toEqual({
      phone: '030 999999',
      verified: false,
      take_over: false,
    });
    refused.flush(problem('phone-taken', 409), { status: 409, statusText: 'Conflict' });
    await settled();
    screen.getByRole('button', { name: 'Take the number over' }).click();
    await settled();
    const taken = backend.expectOne('/api/users/5/phone');
    expect(taken.request.body).toEqual({ phone: '030 999999', verified: true, take_over: true });
  });

  it('asks again with the same key when no answer came', async () => {
    const { backend, screen, settled } = await choose();
    screen.getByRole('button', { name: 'Book 1 ticket' }).click();
    const lost = backend.expectOne('/api/bookings');
    lost.error(new ProgressEvent('error'));
    await settled();
    expect(screen.getByText('No answer came back')).toBeTruthy();
    screen.getByRole('button', { name: 'Check the booking of 1 ticket' }).click();
    const again = backend.expectOne('/api/bookings');
    const key = (sent: typeof lost) => sent.request.headers.get('Idempotency-Key');
    expect(key(again)).toBe(key(lost));
  });
});
