import { inputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../../testing/page';
import { sampleBooking, sampleEvent, sampleUserAccount } from '../../../testing/samples';
import { UserAccount } from '../../api/admin-shapes';
import { BoxOffice } from './box-office';

const event = {
  ...sampleEvent,
  open_to_box_office: true,
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
    return page;
  }

  async function pressed(page: Awaited<ReturnType<typeof choose>>, name: string) {
    page.screen.getByRole('button', { name }).click();
    await page.settled();
  }

  it('makes a code with which the chosen customer sets a password', async () => {
    const page = await choose();
    await pressed(page, 'Set a password');
    page.backend.expectNone('/api/users/5/password-code');
    await pressed(page, 'Make a code');
    page.backend
      .expectOne({ method: 'POST', url: '/api/users/5/password-code' })
      .flush({ code: '4F7K-Q2MX-9B0T', expires_at: '2026-11-22T10:15:00Z' });
    await page.settled();
    expect(page.screen.getByText('4F7K-Q2MX-9B0T')).toBeTruthy();
    expect(page.screen.getByText(/with the number \+49 301 23456/)).toBeTruthy();
    expect(page.screen.getByRole('img', { name: /QR code/ })).toBeTruthy();
    await pressed(page, 'Close');
    expect(page.screen.queryByText('4F7K-Q2MX-9B0T')).toBeNull();
    expect(page.screen.getByRole('button', { name: 'Book 1 ticket' })).toBeTruthy();
  });

  it('says why no code can be made', async () => {
    const page = await choose();
    await pressed(page, 'Set a password');
    await pressed(page, 'Make a code');
    page.backend
      .expectOne('/api/users/5/password-code')
      .flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await page.settled();
    expect(page.screen.getByText('Detail of busy.')).toBeTruthy();
    expect(page.screen.getByRole('button', { name: 'Make a code' })).toBeTruthy();
  });

  it('corrects the name of the chosen customer', async () => {
    const page = await choose();
    await pressed(page, 'Change the name');
    const name = page.screen.getByLabelText<HTMLInputElement>('Name');
    expect(name.value).toBe('Ana');
    fireEvent.input(name, { target: { value: ' ' } });
    await pressed(page, 'Save the name');
    expect(page.screen.getByText('Enter your name.')).toBeTruthy();
    fireEvent.input(name, { target: { value: 'Ana Maria' } });
    await pressed(page, 'Save the name');
    const sent = page.backend.expectOne({ method: 'PUT', url: '/api/users/5' });
    expect(sent.request.body).toEqual({ name: 'Ana Maria' });
    sent.flush({ ...sampleUserAccount, name: 'Ana Maria' });
    await page.settled();
    expect(page.screen.getByText('Ana Maria')).toBeTruthy();
    expect(page.screen.queryByRole('form')).toBeNull();
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
