import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { OwnSession } from '../api/shapes';
import { SessionsSection } from './sessions-section';

const here: OwnSession = {
  id: 1,
  is_current: true,
  created_at: '2026-11-22T10:00:00Z',
  last_seen_at: '2026-11-22T11:00:00Z',
  network: '192.0.2.7',
  browser: 'Firefox on Linux',
};
const phone: OwnSession = { ...here, id: 2, is_current: false, browser: 'Safari on iPhone' };
const unknown: OwnSession = { ...phone, id: 3, network: null, browser: null };

describe('SessionsSection', () => {
  let page: TestPage<SessionsSection>;

  async function show(...items: OwnSession[]): Promise<void> {
    page = showPage(SessionsSection);
    await signInAs(page, sampleUser);
    page.backend.expectOne('/api/sessions').flush({ items });
    await page.settled();
    await page.settled();
  }

  it('shows where and when, and offers to end all but this one', async () => {
    await show(here, phone, unknown);
    expect(page.screen.getByText('This browser')).toBeTruthy();
    expect(page.screen.getByText('Unknown browser')).toBeTruthy();
    expect(page.screen.getAllByText(/from 192\.0\.2\.7\.$/)).toHaveLength(2);
    expect(page.screen.getAllByText('Sign out')).toHaveLength(2);
  });

  it('ends one, and says so', async () => {
    await show(here, phone);
    page.screen.getByText('Sign out').click();
    await page.settled();
    page.backend.expectOne({ method: 'DELETE', url: '/api/sessions/2' }).flush(null);
    await page.settled();
    await page.settled();
    expect(page.screen.queryByText('Safari on iPhone')).toBeNull();
    expect(page.screen.getByText('Signed out: Safari on iPhone.')).toBeTruthy();
    // There are no others.
    expect(page.screen.queryByText('Sign out')).toBeNull();
  });

  it('takes one from the list that had ended already', async () => {
    await show(here, phone);
    page.screen.getByText('Sign out').click();
    await page.settled();
    page.backend
      .expectOne('/api/sessions/2')
      .flush(problem('session-not-found', 404), { status: 404, statusText: 'Not Found' });
    await page.settled();
    await page.settled();
    expect(page.screen.queryByText('Safari on iPhone')).toBeNull();
    expect(page.screen.queryByRole('alert')).toBeNull();
  });

  it('keeps one that could not be ended', async () => {
    await show(here, phone);
    page.screen.getByText('Sign out').click();
    await page.settled();
    page.backend.expectOne('/api/sessions/2').error(new ProgressEvent('error'));
    await page.settled();
    await page.settled();
    expect(page.screen.getByText('Safari on iPhone')).toBeTruthy();
    expect(page.screen.getByText('No connection')).toBeTruthy();
  });
});
