import { fireEvent } from '@testing-library/dom';
import { inputBinding, outputBinding } from '@angular/core';
import { problem, showPage, TestPage } from '../../testing/page';
import { EraseUser } from './erase-user';

describe('EraseUser', () => {
  let page: TestPage<EraseUser>;
  const erased = vi.fn();

  async function send(password: string): Promise<void> {
    erased.mockReset();
    page = showPage(EraseUser, [
      inputBinding('user', () => ({ id: 9, name: 'Ben' })),
      outputBinding('erased', erased),
    ]);
    fireEvent.input(page.screen.getByLabelText('Your own password'), {
      target: { value: password },
    });
    page.screen.getByRole('button', { name: 'Erase permanently' }).click();
    await page.settled();
  }

  it('sends the password of the admin and says that it is done', async () => {
    await send('secret');
    const sent = page.backend.expectOne('/api/users/9/erasure');
    expect(sent.request.body).toEqual({ password: 'secret' });
    sent.flush({ id: 9, name: 'Erased', phone: null });
    await page.settled();
    expect(erased).toHaveBeenCalledTimes(1);
  });

  it('shows why it is refused', async () => {
    await send('secret');
    page.backend
      .expectOne('/api/users/9/erasure')
      .flush(problem('upcoming-bookings', 409), { status: 409, statusText: 'Conflict' });
    await page.settled();
    await page.settled();
    expect(page.screen.getByText('Detail of upcoming-bookings.')).toBeTruthy();
    expect(erased).not.toHaveBeenCalled();
  });

  it('sends nothing without a password', async () => {
    await send('');
    page.backend.expectNone('/api/users/9/erasure');
    await page.settled();
    expect(page.screen.getByText('Enter your own password.')).toBeTruthy();
  });
});
