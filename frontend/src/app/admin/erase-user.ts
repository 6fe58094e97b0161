import { Component, input, inject, output, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { Customer } from '../api/admin-shapes';
import { submitting } from '../api/submitting';
import { UsersClient } from '../api/users-client';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';

/** An admin erases a person who asks to be forgotten, with the admin's own password. */
@Component({
  selector: 'mq-erase-user',
  imports: [FormProblem, FormRoot, IsolatedPipe, PasswordField],
  template: `
    <form aria-labelledby="erase-heading" [formRoot]="form">
      <h3 id="erase-heading">Erase {{ user().name | isolated }}</h3>
      <p>
        Name, phone number, mail address and password are erased permanently, and everything they
        were told. Past bookings stay, without the person. Bookings for coming events must be
        cancelled first.
      </p>
      <mq-form-problem [problem]="sending.problem()" />
      <mq-password-field
        name="erase-password"
        label="Your own password"
        hint="Nobody can undo this."
        [field]="form.password"
      />
      <div class="actions">
        <button type="button" class="button quiet" (click)="abandoned.emit()">Never mind</button>
        <button type="submit" class="button danger" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Erasing …' : 'Erase permanently' }}
        </button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-3);
      max-width: 40rem;
      padding: var(--space-4);
      border: 1px solid var(--line);
      background: var(--paper-raised);
    }

    h3 {
      font-size: 1.125rem;
      overflow-wrap: anywhere;
    }
  `,
})
export class EraseUser {
  readonly user = input.required<Pick<Customer, 'id' | 'name'>>();
  readonly erased = output();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);
  protected readonly entered = signal({ password: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ password }) => {
      await this.#users.erase(this.user().id, password);
      this.erased.emit();
    },
    { fieldOfType: { '/problems/password-wrong': 'password' } },
  );
  protected readonly form = form(
    this.entered,
    (path) => required(path.password, { message: 'Enter your own password.' }),
    { submission: this.sending.submission },
  );
}
