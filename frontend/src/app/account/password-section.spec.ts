import { inputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../testing/page';
import { sampleAccount } from '../../testing/samples';
import { PasswordSection } from './password-section';

describe('PasswordSection', () => {
  async function start() {
    const page = showPage(PasswordSection, [inputBinding('account', () => sampleAccount)]);
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    const fill = (label: string, value: string) =>
      fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
    await press('Change the password');
    return { ...page, press, fill };
  }

  it('changes the password, and forgets what was typed', async () => {
    const { backend, screen, settled, press, fill } = await start();
    fill('Current password', 'curtain-call');
    fill('New password', 'seventeen geese');
    await press('Save the password');
    const sent = backend.expectOne({ method: 'PUT', url: '/api/account/password' });
    expect(sent.request.body).toEqual({
      current_password: 'curtain-call',
      new_password: 'seventeen geese',
    });
    sent.flush(null);
    await settled();
    expect(screen.getByRole('status').textContent).toContain('Your password is changed.');
    await press('Change the password');
    expect(screen.getByLabelText<HTMLInputElement>('Current password').value).toBe('');
  });

  it('puts each refusal beside its field', async () => {
    const { backend, screen, settled, press, fill } = await start();
    await press('Save the password');
    expect(screen.getByText('Enter your current password.')).toBeTruthy();
    fill('Current password', 'wrong');
    fill('New password', 'sommer2027');
    await press('Save the password');
    backend
      .expectOne('/api/account/password')
      .flush(problem('password-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await settled();
    expect(screen.getByText('Detail of password-wrong.')).toBeTruthy();
    fill('Current password', 'curtain-call');
    await press('Save the password');
    const errors = [{ in: 'body', pointer: '/new_password', detail: 'Made of your name.' }];
    backend
      .expectOne('/api/account/password')
      .flush(problem('validation', 422, { errors }), { status: 422, statusText: 'Invalid' });
    await settled();
    expect(screen.getByText('Made of your name.')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByLabelText('New password'));
  });
});
