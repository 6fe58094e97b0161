import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs, TestPage } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { SignUpPage } from './sign-up-page';

describe('SignUpPage', () => {
  let page: TestPage<SignUpPage>;

  beforeEach(async () => {
    page = showPage(SignUpPage, [inputBinding('return', () => '/events/7?quantity=3')]);
    await signInAs(page, null);
  });

  function fill(label: string, value: string): void {
    fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
  }

  async function send(): Promise<void> {
    page.screen.getByRole('button', { name: 'Sign up' }).click();
    await Promise.resolve();
    page.fixture.detectChanges();
  }

  it('names each missing field, and focuses the first', async () => {
    await send();
    for (const words of ['Enter your name.', 'Enter your phone number.', 'Choose a password.']) {
      expect(page.screen.getByText(words)).toBeTruthy();
    }
    expect(document.activeElement).toBe(page.screen.getByLabelText('Name'));
    expect(page.screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
  });

  it('corrects itself while typing', async () => {
    await send();
    fill('Password', 'short');
    await page.settled();
    expect(page.screen.getByText('Use at least 8 characters.')).toBeTruthy();
    fill('Password', 'long enough');
    await page.settled();
    expect(page.screen.queryByText('Use at least 8 characters.')).toBeNull();
  });

  it('keeps a password that is too long, and says so', async () => {
    const password = page.screen.getByLabelText<HTMLInputElement>('Password');
    expect(password.getAttribute('maxlength')).toBeNull();
    fill('Name', 'x'.repeat(201));
    fill('Password', ` ${'x'.repeat(200)}`);
    await send();
    const words = 'Use at most 200 characters; these are 201.';
    expect(page.screen.getAllByText(words)).toHaveLength(2);
    expect(password.value).toHaveLength(201);
    page.backend.expectNone('/api/users');
  });

  it('shows a taken phone beside the phone', async () => {
    fill('Name', 'Ana');
    fill('Phone', '030 123456');
    fill('Password', 'long enough');
    await send();
    page.backend
      .expectOne('/api/users')
      .flush(problem('phone-taken', 409), { status: 409, statusText: 'Conflict' });
    await page.settled();
    expect(page.screen.getByText('phone-taken. Detail of phone-taken.')).toBeTruthy();
    expect(page.screen.getByLabelText('Phone').getAttribute('aria-invalid')).toBe('true');
  });

  it('asks for the code, and offers to take the number over', async () => {
    fill('Name', 'Ana');
    fill('Phone', '030 123456');
    fill('Password', 'long enough');
    await send();
    const sent = { phone: '+4930123456', token: 'secret', expires_at: '2099-01-01T00:00:00Z' };
    page.backend.expectOne('/api/users').flush(sent, { status: 202, statusText: 'Accepted' });
    await page.settled();
    await page.settled();
    expect(page.screen.getByRole('heading', { name: 'Confirm your phone' })).toBeTruthy();
    const confirm = async () => {
      page.screen.getByRole('button', { name: 'Confirm the number' }).click();
      await page.settled();
    };
    fill('Code', '042 317');
    await confirm();
    const wrong = page.backend.expectOne('/api/phone-verifications');
    expect(wrong.request.body).toEqual({ token: 'secret', code: '042 317', take_over: false });
    wrong.flush(problem('code-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await page.settled();
    expect(page.screen.getByText('code-wrong. Detail of code-wrong.')).toBeTruthy();

    fill('Code', '042318');
    await confirm();
    page.backend
      .expectOne('/api/phone-verifications')
      .flush(problem('phone-in-use', 409), { status: 409, statusText: 'Conflict' });
    await page.settled();
    page.screen.getByRole('button', { name: 'Take the number over' }).click();
    await page.settled();
    const taken = page.backend.expectOne('/api/phone-verifications');
    expect(taken.request.body).toEqual({ token: 'secret', code: '042318', take_over: true });
    taken.flush(sampleUser);
    await page.settled();
    const signIn = page.backend.expectOne('/api/sessions');
    expect(signIn.request.body).toEqual({ account: '030 123456', password: 'long enough' });
  });

  it('signs in and goes back to where it was needed', async () => {
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigateByUrl').mockResolvedValue(true);
    fill('Name', 'Ana');
    fill('Phone', '030 123456');
    fill('Password', 'long enough');
    await send();
    page.backend.expectOne('/api/users').flush(sampleUser);
    await vi.waitFor(() => {
      page.backend.expectOne('/api/sessions').flush({ user: sampleUser, expires_at: null });
    });
    await page.settled();
    await vi.waitFor(() =>
      expect(navigate).toHaveBeenCalledWith('/events/7?quantity=3', { replaceUrl: true }),
    );
  });
});
