import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs } from '../../testing/page';
import { SetPasswordPage } from './set-password-page';

describe('SetPasswordPage', () => {
  async function filled() {
    const page = showPage(SetPasswordPage);
    await signInAs(page, null);
    page.backend.match('/api/config');
    const fill = (label: string, value: string) =>
      fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
    fill('Phone or e-mail address', 'ana@example.org');
    fill('Code', '4f7k q2mx 9b0t');
    fill('New password', 'seventeen geese');
    const send = async () => {
      page.screen.getByRole('button', { name: 'Set the password' }).click();
      await page.settled();
    };
    return { ...page, send };
  }

  it('sets the password with the code of the box office', async () => {
    const { backend, screen, settled, send } = await filled();
    await send();
    const sent = backend.expectOne({ method: 'PUT', url: '/api/password-codes' });
    expect(sent.request.body).toEqual({
      account: 'ana@example.org',
      code: '4f7k q2mx 9b0t',
      password: 'seventeen geese',
    });
    sent.flush(null);
    await settled();
    expect(screen.getByRole('heading', { name: 'Your password is set' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'Sign in' })).toBeTruthy();
  });

  it('says what to do when the code is not valid', async () => {
    const { backend, screen, settled, send } = await filled();
    await send();
    backend
      .expectOne('/api/password-codes')
      .flush(problem('code-not-valid', 410), { status: 410, statusText: 'Gone' });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('The box office can make another one.');
  });
});
