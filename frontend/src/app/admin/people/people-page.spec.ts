import { problem, showPage, signInAs, TestPage } from '../../../testing/page';
import { sampleUser } from '../../../testing/samples';
import { UserAccount } from '../../api/admin-shapes';
import { PeoplePage } from './people-page';

const ana: UserAccount = {
  ...sampleUser,
  disabled_at: null,
  phone_verified: false,
  phone_lost: false,
  has_password: true,
};
const katrin: UserAccount = { ...ana, id: 1, name: 'Katrin', role: 'admin' };

describe('PeoplePage', () => {
  let page: TestPage<PeoplePage>;

  beforeEach(async () => {
    // jsdom has no dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
    page = showPage(PeoplePage);
    await signInAs(page, katrin);
    page.backend.expectOne('/api/users').flush({ items: [ana, katrin], next_cursor: null });
    await page.settled();
    await page.settled();
  });

  async function press(name: string, index = 0): Promise<void> {
    page.screen.getAllByRole('button', { name })[index]?.click();
    await page.settled();
  }

  /** The dialog's button has the name of the one that opened it, and comes last. */
  async function confirm(name: string): Promise<void> {
    await press(name, page.screen.getAllByRole('button', { name }).length - 1);
  }

  it('asks first, then disables an account and offers to enable it', async () => {
    await press('Disable account');
    page.backend.expectNone('/api/users/5/disabled');
    expect(page.screen.getByText(/^Disable the account of/)).toBeTruthy();
    await confirm('Disable account');
    const sent = page.backend.expectOne('/api/users/5/disabled');
    expect([sent.request.method, sent.request.body]).toEqual(['PUT', { disabled: true }]);
    sent.flush({ ...ana, disabled_at: '2026-11-22T10:00:00Z' });
    await page.settled();
    await page.settled();
    expect(page.screen.getByText(/Disabled since/)).toBeTruthy();
    expect(page.screen.getByText(/^The account of .* is disabled\.$/)).toBeTruthy();
    expect(page.screen.getAllByRole('button', { name: 'Enable account' })).toHaveLength(1);
    expect(document.activeElement?.id).toBe('actions-5');
  });

  it('says why the last admin stays', async () => {
    await press('Make customer');
    await confirm('Make customer');
    page.backend
      .expectOne('/api/users/1/role')
      .flush(problem('last-admin', 409), { status: 409, statusText: 'Conflict' });
    await page.settled();
    expect(page.screen.getByText('Detail of last-admin.')).toBeTruthy();
    // Nothing has changed, so nobody asks who is signed in.
    page.backend.expectNone('/api/sessions/current');
  });

  it('asks who is signed in when admins have changed their own account', async () => {
    await press('Make customer');
    await confirm('Make customer');
    page.backend.expectOne('/api/users/1/role').flush({ ...katrin, role: 'customer' });
    await page.settled();
    page.backend.expectOne('/api/sessions/current');
  });

  it('signs somebody out everywhere', async () => {
    await press('Sign out everywhere');
    await confirm('Sign out everywhere');
    page.backend.expectOne({ method: 'DELETE', url: '/api/users/5/sessions' }).flush(null);
    await page.settled();
    await page.settled();
    expect(page.screen.getByText(/is signed out everywhere\.$/)).toBeTruthy();
  });
});
