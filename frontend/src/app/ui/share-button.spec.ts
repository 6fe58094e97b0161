import { Clipboard } from '@angular/cdk/clipboard';
import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { showPage } from '../../testing/page';
import { ShareButton } from './share-button';

describe('ShareButton', () => {
  const browser = navigator as { share?: unknown };

  afterEach(() => delete browser.share);

  async function press() {
    const page = showPage(ShareButton, [
      inputBinding('title', () => 'Jazz'),
      inputBinding('path', () => '/events/7'),
    ]);
    const copy = vi.spyOn(TestBed.inject(Clipboard), 'copy').mockReturnValue(true);
    page.screen.getByRole('button', { name: 'Share' }).click();
    await page.settled();
    return { copy, ...page };
  }

  it('hands the link to the browser', async () => {
    const share = vi.fn().mockResolvedValue(undefined);
    browser.share = share;
    const { copy } = await press();
    const url = expect.stringMatching(/^http.*\/events\/7$/) as string;
    expect(share).toHaveBeenCalledWith({ title: 'Jazz', url });
    expect(copy).not.toHaveBeenCalled();
  });

  it('copies nothing when the person changes their mind', async () => {
    browser.share = vi.fn().mockRejectedValue(new DOMException('', 'AbortError'));
    expect((await press()).copy).not.toHaveBeenCalled();
  });

  it('copies the link where the browser cannot share', async () => {
    const { copy, screen } = await press();
    expect(copy).toHaveBeenCalledWith(expect.stringMatching(/\/events\/7$/));
    expect(screen.getByRole('status').textContent).toContain('The link is copied.');
  });
});
