import { showPage, signInAs } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { NoticeBell } from './notice-bell';

describe('NoticeBell', () => {
  async function show(count: number) {
    const page = showPage(NoticeBell);
    await signInAs(page, sampleUser);
    page.backend.expectOne('/api/notices/unread').flush({ count });
    await page.settled();
    return page.screen.getByRole('link');
  }

  it.each([
    [0, 'Notices', ''],
    [1, 'Notices, 1 new', '1'],
    [100, 'Notices, more than 99 new', '99+'],
  ])('names itself with %i new notices', async (count, name, shown) => {
    const bell = await show(count);
    expect(bell.getAttribute('aria-label')).toBe(name);
    expect(bell.textContent.trim()).toBe(shown);
    expect(bell.getAttribute('href')).toBe('/notices');
  });
});
