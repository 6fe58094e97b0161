import { inputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../../testing/page';
import { sampleBooking, sampleEvent, sampleUser } from '../../../testing/samples';
import { BoxOffice } from './box-office';

const event = {
  ...sampleEvent,
  statistics: { bookings: 0, tickets_sold: 54, tickets_checked_in: 0, revenue: '0.00' },
};

describe('BoxOffice', () => {
  beforeEach(() => sessionStorage.clear());

  async function choose() {
    const page = showPage(BoxOffice, [inputBinding('event', () => event)]);
    const { backend, screen, settled } = page;
    const box = screen.getByRole('searchbox', { name: 'Find a customer' });
    fireEvent.input(box, { target: { value: 'ana' } });
    fireEvent.keyDown(box, { key: 'Enter' });
    await settled();
    backend
      .expectOne('/api/users?search=ana&limit=6')
      .flush({ items: [sampleUser], next_cursor: null });
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
    sent.flush({ ...sampleUser, name: 'Ana Maria' });
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
    sent.flush({ ...sampleBooking, quantity: 1 }, { status: 201, statusText: 'Created' });
    await settled();
    expect(screen.getByRole('status').textContent).toContain('1 ticket booked for Ana');
    expect(screen.getByText(/Booking No\. 42/)).toBeTruthy();
    screen.getByRole('button', { name: 'Next customer' }).click();
    await settled();
    expect(screen.getByRole('searchbox', { name: 'Find a customer' })).toBeTruthy();
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
