import { Component, signal } from '@angular/core';
import { form } from '@angular/forms/signals';
import { showPage } from '../../testing/page';
import { PasswordField } from './password-field';

@Component({
  imports: [PasswordField],
  template: `
    <mq-password-field name="now" label="Password" [field]="form.now" />
    <mq-password-field name="chosen" label="New password" isNew [field]="form.chosen" />
  `,
})
class TwoPasswords {
  protected readonly form = form(signal({ now: '', chosen: '' }));
}

describe('PasswordField', () => {
  it('tells password managers which password it is for', () => {
    const { screen } = showPage(TwoPasswords);
    expect(screen.getByLabelText<HTMLInputElement>('Password').autocomplete).toBe(
      'current-password',
    );
    expect(screen.getByLabelText<HTMLInputElement>('New password').autocomplete).toBe(
      'new-password',
    );
    expect(screen.getAllByText('At least 8 characters.')).toHaveLength(1);
  });

  it('shows what was typed, and hides it again', async () => {
    const { screen, settled } = showPage(TwoPasswords);
    const field = screen.getByLabelText<HTMLInputElement>('Password');
    const [show] = screen.getAllByRole('button', { name: 'Show typed characters' });
    expect(field.type).toBe('password');
    show?.click();
    await settled();
    expect(field.type).toBe('text');
    expect(screen.getByLabelText<HTMLInputElement>('New password').type).toBe('password');
    screen.getByRole('button', { name: 'Hide typed characters' }).click();
    await settled();
    expect(field.type).toBe('password');
  });
});
