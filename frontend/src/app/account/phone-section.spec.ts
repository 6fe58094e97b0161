import { inputBinding, outputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { Account } from '../api/shapes';
import { PhoneSection } from './phone-section';

const account: Account = {
  id: 5,
  name: 'Ana',
  phone: '+4930123456',
  email: null,
  email_verified: false,
  optional_mail: true,
  has_password: true,
  phone_verified: false,
  phone_lost: false,
  sends_phone_codes: true,
};
const codeSent = { phone: '+4930123456', token: 'secret', expires_at: '2099-01-01T00:00:00Z' };

describe('PhoneSection', () => {
  let page: TestPage<PhoneSection>;
  let changed: Account[];

  async function show(given: Partial<Account>): Promise<void> {
    changed = [];
    page = showPage(PhoneSection, [
      inputBinding('account', () => ({ ...account, ...given })),
      outputBinding<Account>('changed', (newer) => changed.push(newer)),
    ]);
    await signInAs(page, sampleUser);
  }

  const press = async (name: string) => {
    page.screen.getByRole('button', { name }).click();
    await page.settled();
  };

  function fill(label: string, value: string): void {
    fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
  }

  it('confirms the number by a code', async () => {
    await show({});
    await press('Confirm this number');
    page.backend.expectOne('/api/account/phone/codes').flush(codeSent);
    await page.settled();
    await page.settled();
    fill('Code', '042317');
    await press('Confirm the number');
    page.backend.expectOne('/api/phone-verifications').flush(sampleUser);
    await page.settled();
    expect(changed).toEqual([{ ...account, phone_verified: true }]);
    expect(page.screen.getByText('The number is confirmed.')).toBeTruthy();
  });

  it('shows a wrong password beside the password', async () => {
    await show({ phone_verified: true });
    await press('Change the number');
    fill('New phone', '030 999999');
    fill('Your password', 'wrong');
    await press('Send a code');
    page.backend
      .expectOne('/api/account/phone')
      .flush(problem('password-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await page.settled();
    expect(page.screen.getByLabelText('Your password').getAttribute('aria-invalid')).toBe('true');
  });

  it('changes the number at once where no codes are sent', async () => {
    await show({ sends_phone_codes: false });
    expect(page.screen.queryByText('Confirm this number')).toBeNull();
    await press('Change the number');
    fill('New phone', '030 999999');
    fill('Your password', 'secret');
    await press('Save');
    const sent = page.backend.expectOne('/api/account/phone');
    expect(sent.request.body).toEqual({ phone: '030 999999', password: 'secret' });
    const newer = { ...account, sends_phone_codes: false, phone: '+4930999999' };
    sent.flush(newer);
    await page.settled();
    expect(changed).toEqual([newer]);
  });

  it('says that the number is somebody else’s now', async () => {
    await show({ phone_lost: true });
    expect(page.screen.getByText('This number belongs to somebody else now')).toBeTruthy();
    expect(page.screen.queryByText('Confirm this number')).toBeNull();
  });
});
