import { Component, DestroyRef, inject, input, linkedSignal, output } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { nameRules, newPasswordRules } from '../../account/account-schema';
import { UserAccount } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { UsersClient } from '../../api/users-client';
import { Refusal } from '../../session/refusal';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { TextField } from '../../ui/text-field';

/** A customer who was created at the box office, or forgot a password, gets one to sign in with. */
@Component({
  selector: 'mq-customer-password-form',
  imports: [FormRoot, IsolatedPipe, Refusal, TextField],
  template: `
    <form aria-labelledby="password-heading" [formRoot]="form">
      <h3 id="password-heading">Set a password for {{ customer().name | isolated }}</h3>
      @if (sending.problem(); as problem) {
        <mq-refusal [problem]="problem" />
      }
      <mq-text-field
        name="customer-name"
        label="Name"
        autocomplete="off"
        [live]="true"
        [field]="form.name"
      />
      <mq-text-field
        name="customer-password"
        label="New password"
        hint="At least 8 characters. This ends all sessions of this customer."
        type="password"
        autocomplete="new-password"
        [live]="true"
        [field]="form.password"
      />
      <div class="actions">
        <button type="submit" class="button" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Setting …' : 'Set password' }}
        </button>
        <button type="button" class="button quiet" (click)="abandoned.emit()">Never mind</button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-2);
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
export class CustomerPasswordForm {
  readonly customer = input.required<UserAccount>();
  /** The customer as now known: the name may be another. */
  readonly changed = output<UserAccount>();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);
  readonly #page = inject(DestroyRef);

  protected readonly account = linkedSignal(() => ({ name: this.customer().name, password: '' }));
  protected readonly sending = submitting(this.account, async (account) => {
    const user = await this.#users.edit(this.customer().id, account);
    // The next customer may have been asked for meanwhile.
    if (!this.#page.destroyed) this.changed.emit(user);
  });
  protected readonly form = form(
    this.account,
    (path) => {
      nameRules(path.name);
      newPasswordRules(path.password);
    },
    { submission: this.sending.submission },
  );
}
