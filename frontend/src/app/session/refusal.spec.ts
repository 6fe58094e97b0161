import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { problem, showPage, signInAs } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { CurrentSession } from './current-session';
import { Refusal } from './refusal';

describe('Refusal', () => {
  const show = (type: string, status: number) =>
    showPage(Refusal, [
      inputBinding('problem', () => problem(type, status)),
      inputBinding('after', () => 'Nothing has been sold.'),
    ]);

  it('says what went wrong', () => {
    const { screen } = show('sold-out', 409);
    const said = screen.getByRole('alert').textContent;
    expect(said).toContain('Detail of sold-out. Nothing has been sold.');
    expect(screen.queryByRole('link')).toBeNull();
  });

  it('leads to signing in without leaving the form, and says when that is done', async () => {
    const page = show('not-signed-in', 401);
    await signInAs(page, null);
    const link = page.screen.getByRole('link', { name: 'Sign in in a new tab' });
    expect(link.getAttribute('target')).toBe('_blank');
    expect(link.getAttribute('href')).toBe('/sign-in?return=/');
    void TestBed.inject(CurrentSession).refresh();
    await signInAs(page, sampleUser);
    expect(page.screen.getByText('You are signed in again')).toBeTruthy();
    expect(page.screen.queryByRole('link')).toBeNull();
  });
});
