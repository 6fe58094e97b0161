import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { SignInPage } from './sign-in-page';

describe('SignInPage', () => {
  async function signIn(second_factor: 'required' | 'missing' | null) {
    const page = showPage(SignInPage);
    await signInAs(page, null);
    const fill = (label: string, value: string) =>
      fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    const opened = vi.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    fill('Phone or e-mail address', 'ana@example.org');
    fill('Password', 'curtain-call');
    await press('Sign in');
    const user = second_factor === 'required' ? null : sampleUser;
    page.backend
      .expectOne({ method: 'POST', url: '/api/sessions' })
      .flush({ user, expires_at: null, door: null, second_factor });
    await page.settled();
    return { ...page, fill, press, opened };
  }

  it('asks for the second factor before it goes on', async () => {
    const { backend, screen, settled, fill, press, opened } = await signIn('required');
    expect(opened).not.toHaveBeenCalled();
    fill('Code of your authenticator app', '000000');
    await press('Sign in');
    backend
      .expectOne('/api/sessions/current/second-factor')
      .flush(problem('second-factor-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await settled();
    expect(screen.getByText('Detail of second-factor-wrong.')).toBeTruthy();
    fill('Code of your authenticator app', '042317');
    await press('Sign in');
    const sent = backend.expectOne('/api/sessions/current/second-factor');
    expect(sent.request.body).toEqual({ code: '042317' });
    sent.flush({ user: sampleUser, expires_at: null, door: null, second_factor: null });
    await settled();
    expect(opened).toHaveBeenCalledWith('/', { replaceUrl: true });
  });

  it('starts again with the password when somebody wants that', async () => {
    const { backend, screen, settled, press } = await signIn('required');
    await press('Start again');
    backend.expectOne({ method: 'DELETE', url: '/api/sessions/current' }).flush(null);
    await settled();
    expect(screen.getByLabelText('Password')).toBeTruthy();
  });

  it('leads an admin who needs a second factor to setting it up', async () => {
    const { opened } = await signIn('missing');
    expect(opened).toHaveBeenCalledWith('/second-factor', { replaceUrl: true });
  });
});
