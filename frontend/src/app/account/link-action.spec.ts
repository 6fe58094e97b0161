import { inputBinding, signal } from '@angular/core';
import { HttpErrorResponse } from '@angular/common/http';
import { problem, showPage, TestPage } from '../../testing/page';
import { LinkAction } from './link-action';

describe('LinkAction', () => {
  const token = signal<string | null>('secret');
  const action = vi.fn<(token: string) => Promise<void>>();
  let page: TestPage<LinkAction>;

  beforeEach(() => {
    token.set('secret');
    action.mockReset();
    page = showPage(LinkAction, [
      inputBinding('token', token),
      inputBinding('heading', () => 'Do it'),
      inputBinding('doneHeading', () => 'It is done'),
      inputBinding('yes', () => 'Yes'),
      inputBinding('action', () => action),
    ]);
  });

  async function press(): Promise<void> {
    page.screen.getByRole('button', { name: 'Yes' }).click();
    await page.settled();
  }

  it('does nothing before the button is pressed', () => {
    expect(action).not.toHaveBeenCalled();
  });

  it('says when it is done, and moves the focus there', async () => {
    action.mockResolvedValue();
    await press();
    expect(action).toHaveBeenCalledWith('secret');
    expect(document.activeElement).toBe(page.screen.getByRole('heading', { name: 'It is done' }));
    expect(page.screen.queryByRole('button')).toBeNull();
  });

  it('says that a used link is not valid, and takes another', async () => {
    const error = problem('link-not-valid', 410);
    action.mockRejectedValue(new HttpErrorResponse({ status: 410, error }));
    await press();
    expect(page.screen.getByText('This link is not valid')).toBeTruthy();
    token.set('another');
    await page.settled();
    expect(page.screen.getByRole('button', { name: 'Yes' })).toBeTruthy();
  });

  it('lets one try again after a failure', async () => {
    action.mockRejectedValueOnce(new HttpErrorResponse({ status: 0 })).mockResolvedValueOnce();
    await press();
    expect(page.screen.getByText('No connection')).toBeTruthy();
    await press();
    expect(page.screen.getByRole('heading', { name: 'It is done' })).toBeTruthy();
  });

  it('shows no button without a token', async () => {
    token.set(null);
    await page.settled();
    expect(page.screen.queryByRole('button')).toBeNull();
  });
});
