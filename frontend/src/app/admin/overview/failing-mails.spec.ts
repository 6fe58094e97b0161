import { problem, showPage } from '../../../testing/page';
import { FailingMail, FailingMailPage } from '../../api/admin-shapes';
import { FailingMails } from './failing-mails';
import { failuresOf } from './mail-words';

const URL = '/api/mails?state=failing';
const mail: FailingMail = {
  id: 7,
  address: 'ada@example.org',
  user_id: 3,
  user_name: 'Ada Byron',
  purpose: 'notice',
  kind: 'event-changed',
  event_id: 5,
  event_title: 'Jazz Night',
  created_at: '2026-11-22T09:00:00Z',
  attempts: 7,
  next_attempt_at: null,
  last_error: 'SMTPConnectError',
};
const none: FailingMailPage = {
  items: [],
  next_cursor: null,
  mails_failing: 0,
  webhooks_failing: 0,
};

describe('FailingMails', () => {
  it('says nothing while all goes well', async () => {
    const { backend, fixture, settled } = showPage(FailingMails);
    backend.expectOne(URL).flush(none);
    await settled();
    expect((fixture.nativeElement as HTMLElement).textContent.trim()).toBe('');
  });

  it('leads to the webhooks that do not get through', async () => {
    const { backend, screen, settled } = showPage(FailingMails);
    backend.expectOne(URL).flush({ ...none, webhooks_failing: 1 });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('1 webhook does not get through.');
    const link = screen.getByRole('link', { name: 'See which' });
    expect(link.getAttribute('href')).toBe('/admin/webhooks');
  });

  it('names the mails that could not be sent, and tries one again', async () => {
    const { backend, screen, settled } = showPage(FailingMails);
    backend.expectOne(URL).flush({ ...none, items: [mail], mails_failing: 1 });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('1 mail could not be sent.');
    const item = screen.getByRole('listitem');
    expect(item.textContent).toMatch(/The event has changed.*Jazz Night/s);
    expect(item.textContent).toContain('ada@example.org. Tried 7 times; there is no further');
    expect(item.textContent).toContain('SMTPConnectError');

    const button = screen.getByRole('button', { name: /^Try again/ });
    button.click();
    backend.expectOne('/api/mails/7/retry').flush(problem('busy', 503), {
      status: 503,
      statusText: 'Busy',
    });
    await settled();
    expect(item.textContent).toContain('Detail of busy.');

    button.click();
    backend.expectOne('/api/mails/7/retry').flush(null);
    await settled();
    expect(screen.getByRole('status').textContent).toContain('tried again within seconds');
  });

  it('counts webhooks, too', () => {
    expect(failuresOf(1200, 0)).toBe('1,200 mails could not be sent.');
    expect(failuresOf(0, 1)).toBe('1 webhook does not get through.');
    expect(failuresOf(1, 2)).toBe('1 mail could not be sent. 2 webhooks do not get through.');
  });
});
