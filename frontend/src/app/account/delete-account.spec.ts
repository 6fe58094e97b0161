import { fireEvent } from '@testing-library/dom';
import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleBooking, sampleUser } from '../../testing/samples';
import { Account, Booking } from '../api/shapes';
import { DeleteAccount } from './delete-account';

const account: Account = {
  id: 5,
  name: 'Ana',
  phone: '+4930123456',
  email: null,
  email_verified: false,
  optional_mail: true,
  has_password: true,
  phone_verified: true,
  phone_lost: false,
  sends_phone_codes: false,
};
const UPCOMING = '/api/bookings/user/5?scope=upcoming';

describe('DeleteAccount', () => {
  let page: TestPage<DeleteAccount>;

  async function ask(bookings: Booking[], changed: Partial<Account> = {}): Promise<void> {
    page = showPage(DeleteAccount, [inputBinding('account', () => ({ ...account, ...changed }))]);
    await signInAs(page, sampleUser);
    press('Delete my account');
    await page.settled();
    page.backend.expectOne(UPCOMING).flush({ items: bookings, next_cursor: null });
    await page.settled();
    await page.settled();
  }

  const press = (name: string) => page.screen.getByRole('button', { name }).click();

  async function send(password?: string): Promise<void> {
    if (password !== undefined) {
      fireEvent.input(page.screen.getByLabelText('Your password'), { target: { value: password } });
    }
    press('Delete it permanently');
    await page.settled();
  }

  it('names the bookings that are in the way', async () => {
    await ask([sampleBooking]);
    expect(page.screen.getByRole('alert').textContent).toContain('You have bookings');
    const link = page.screen.getByRole('link', { name: /Jazz am Kanal/ });
    expect(link.getAttribute('href')).toBe('/bookings/42');
    expect(page.screen.queryByLabelText('Your password')).toBeNull();
  });

  it('deletes the account with the password, signs out and says so', async () => {
    await ask([]);
    const gone = vi.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    await send('secret');
    const sent = page.backend.expectOne('/api/account/erasure');
    expect(sent.request.body).toEqual({ password: 'secret' });
    sent.flush(null);
    await page.settled();
    page.backend.expectOne({ method: 'DELETE', url: '/api/sessions/current' }).flush(null);
    await page.settled();
    expect(gone).toHaveBeenCalledWith('/account-deleted');
  });

  it('leaves as well when the cookie cannot be removed', async () => {
    await ask([]);
    const gone = vi.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    await send('secret');
    page.backend.expectOne('/api/account/erasure').flush(null);
    await page.settled();
    page.backend.expectOne('/api/sessions/current').error(new ProgressEvent('error'));
    await page.settled();
    expect(gone).toHaveBeenCalledWith('/account-deleted');
  });

  it('shows a wrong password beside the password', async () => {
    await ask([]);
    await send('wrong');
    page.backend
      .expectOne('/api/account/erasure')
      .flush(problem('password-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await page.settled();
    await page.settled();
    expect(page.screen.getByText('Detail of password-wrong.')).toBeTruthy();
  });

  it('asks again for bookings that were made meanwhile', async () => {
    await ask([]);
    await send('secret');
    page.backend
      .expectOne('/api/account/erasure')
      .flush(problem('upcoming-bookings', 409, { bookings: 1 }), {
        status: 409,
        statusText: 'Conflict',
      });
    await page.settled();
    page.backend.expectOne(UPCOMING).flush({ items: [sampleBooking], next_cursor: null });
    await page.settled();
    await page.settled();
    expect(page.screen.getByRole('link', { name: /Jazz am Kanal/ })).toBeTruthy();
  });

  it('needs no password where the account has none', async () => {
    await ask([], { has_password: false });
    await send();
    const sent = page.backend.expectOne('/api/account/erasure');
    expect(sent.request.body).toEqual({ password: null });
  });
});
