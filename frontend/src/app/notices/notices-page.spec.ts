import { problem, showPage, signInAs } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { Notice } from '../api/shapes';
import { NoticesPage } from './notices-page';

const changed: Notice = {
  id: 9,
  kind: 'event-changed',
  text: 'Jazz am Kanal has changed. It now takes place at Ersatzhalle instead of Kulturschiff.',
  event_id: 7,
  event_title: 'Jazz am Kanal',
  booking_id: null,
  at: '2026-11-22T10:00:00Z',
  read: false,
};
const confirmed: Notice = {
  ...changed,
  id: 8,
  kind: 'booking-confirmed',
  text: 'Booking 42 is confirmed.',
  booking_id: 42,
  read: true,
};

describe('NoticesPage', () => {
  async function show(items: Notice[]) {
    const page = showPage(NoticesPage);
    await signInAs(page, sampleUser);
    page.backend.expectOne('/api/notices/unread').flush({ count: 0 });
    page.backend.expectOne('/api/notices').flush({ items, next_cursor: null });
    await page.settled();
    return page;
  }

  it('says what happened, to which event, and leads there', async () => {
    const { screen } = await show([changed, confirmed]);
    expect(screen.getByText('Event changed')).toBeTruthy();
    expect(screen.getByText(changed.text)).toBeTruthy();
    const paths = screen.getAllByRole('link').map((link) => link.getAttribute('href'));
    expect(paths).toEqual(['/events/7', '/bookings/42']);
  });

  it('marks new notices, reports them as read, and keeps the marks', async () => {
    const { backend, screen, settled } = await show([changed, confirmed]);
    const { request } = backend.expectOne('/api/notices/read');
    expect(request.body).toEqual({ ids: [9] });
    expect(screen.getAllByText('New')).toHaveLength(1);
    await settled();
    expect(screen.getAllByText('New')).toHaveLength(1);
  });

  it('tries again to mark them when the server did not answer', async () => {
    const { backend, settled } = await show([changed]);
    backend.expectOne('/api/notices/read').error(new ProgressEvent('error'));
    await settled();
    document.dispatchEvent(new Event('visibilitychange'));
    backend.expectOne('/api/notices/read').flush({ count: 0 });
    await settled();
    document.dispatchEvent(new Event('visibilitychange'));
    backend.expectNone('/api/notices/read');
  });

  it('shows a notice that comes while the page is open', async () => {
    const { backend, screen, settled } = await show([confirmed]);
    document.dispatchEvent(new Event('visibilitychange'));
    backend.expectOne('/api/notices/unread').flush({ count: 1 });
    await settled();
    backend.expectOne('/api/notices').flush({ items: [changed, confirmed], next_cursor: null });
    await settled();
    expect(screen.getAllByText('New')).toHaveLength(1);
  });

  it('says so when there are none', async () => {
    const { screen } = await show([]);
    expect(screen.getByRole('heading', { name: 'No notices yet' })).toBeTruthy();
  });

  it('offers to try again when the list could not be loaded', async () => {
    const page = showPage(NoticesPage);
    await signInAs(page, sampleUser);
    page.backend
      .expectOne('/api/notices')
      .flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await page.settled();
    page.screen.getByRole('button', { name: 'Try again' }).click();
    await page.settled();
    page.backend.expectOne('/api/notices').flush({ items: [confirmed], next_cursor: null });
    await page.settled();
    expect(page.screen.getByText('Booking 42 is confirmed.')).toBeTruthy();
  });
});
