import { showPage } from '../../testing/page';
import { SiteFooter } from './site-footer';

describe('SiteFooter', () => {
  async function show(links: object) {
    const page = showPage(SiteFooter);
    const none = { imprint_url: null, privacy_url: null, terms_url: null };
    page.backend.expectOne('/api/config').flush({ ...none, ...links });
    await page.settled();
    const found = page.screen.getAllByRole<HTMLAnchorElement>('link');
    return found.map((link) => [link.textContent, link.getAttribute('href')]);
  }

  it('links to the pages that the installation names', async () => {
    const links = {
      imprint_url: 'https://tickets.example/imprint',
      terms_url: 'https://tickets.example/terms',
    };
    expect(await show(links)).toEqual([
      ['Imprint', 'https://tickets.example/imprint'],
      ['Terms', 'https://tickets.example/terms'],
      ['Accessibility', '/accessibility'],
    ]);
  });

  it('always links to the accessibility statement', async () => {
    expect(await show({})).toEqual([['Accessibility', '/accessibility']]);
  });
});
