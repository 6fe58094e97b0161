import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { Account } from '../api/shapes';
import { MyAccountPage } from './my-account-page';

const account: Account = {
  id: 5,
  name: 'Ana',
  phone: '+4930123456',
  email: 'ana@example.org',
  email_verified: true,
  optional_mail: true,
  has_password: true,
  phone_verified: true,
  phone_lost: false,
  sends_phone_codes: false,
};

describe('MyAccountPage', () => {
  let page: TestPage<MyAccountPage>;

  async function show(changed: Partial<Account>, sendsMail = true): Promise<void> {
    page = showPage(MyAccountPage);
    await signInAs(page, sampleUser);
    page.backend.expectOne('/api/config').flush({ sends_mail: sendsMail });
    page.backend.expectOne('/api/account').flush({ ...account, ...changed });
    await page.settled();
    await page.settled();
  }

  const press = (name: string) => page.screen.getByRole('button', { name }).click();

  it('adds an address and says that a mail is on its way', async () => {
    await show({ email: null, email_verified: false });
    fireEvent.input(page.screen.getByLabelText('E-mail address'), {
      target: { value: 'new@example.org' },
    });
    fireEvent.input(page.screen.getByLabelText('Your password'), { target: { value: 'secret' } });
    press('Save and send the mail');
    await page.settled();
    const sent = page.backend.expectOne('/api/account/email');
    expect(sent.request.body).toEqual({ email: 'new@example.org', password: 'secret' });
    sent.flush({ ...account, email: 'new@example.org', email_verified: false });
    await page.settled();
    await page.settled();
    expect(page.screen.getByText('We have sent a mail to new@example.org.')).toBeTruthy();
    expect(page.screen.getByText('Not confirmed yet')).toBeTruthy();
  });

  it('shows a wrong password beside the password', async () => {
    await show({});
    press('Change the address');
    await page.settled();
    fireEvent.input(page.screen.getByLabelText('E-mail address'), {
      target: { value: 'new@example.org' },
    });
    fireEvent.input(page.screen.getByLabelText('Your password'), { target: { value: 'wrong' } });
    press('Save and send the mail');
    await page.settled();
    page.backend
      .expectOne('/api/account/email')
      .flush(problem('password-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await page.settled();
    expect(page.screen.getByLabelText('Your password').getAttribute('aria-invalid')).toBe('true');
  });

  it('asks for no password where the account has none', async () => {
    await show({ email: null, email_verified: false, has_password: false });
    expect(page.screen.queryByLabelText('Your password')).toBeNull();
  });

  it('puts a wish back that could not be saved', async () => {
    await show({});
    const wish = page.screen.getByRole<HTMLInputElement>('checkbox');
    wish.click();
    await page.settled();
    page.backend.expectOne('/api/account/mail').error(new ProgressEvent('error'));
    await page.settled();
    expect(wish.checked).toBe(true);
    expect(page.screen.getByText('No connection')).toBeTruthy();
  });

  it('says that the installation sends no mail, and lets an address be removed', async () => {
    await show({}, false);
    expect(page.screen.getByText('This site sends no mail')).toBeTruthy();
    expect(page.screen.queryByText('Change the address')).toBeNull();
    // The button, and that of the dialog behind it.
    expect(page.screen.getAllByText('Remove it')).toHaveLength(2);
  });
});
