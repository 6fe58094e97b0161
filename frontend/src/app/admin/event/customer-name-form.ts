import { Component, DestroyRef, inject, input, linkedSignal, output } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { nameRules } from '../../account/account-schema';
import { UserAccount } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { UsersClient } from '../../api/users-client';
import { Refusal } from '../../session/refusal';
import { TextField } from '../../ui/text-field';

/** Corrects the name of a customer at the box office. */
@Component({
  selector: 'mq-customer-name-form',
  imports: [FormRoot, Refusal, TextField],
  template: `
    <form aria-label="Another name" [formRoot]="form">
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
      <div class="actions">
        <button type="submit" class="button" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Saving …' : 'Save the name' }}
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
  `,
})
export class CustomerNameForm {
  readonly customer = input.required<UserAccount>();
  readonly changed = output<UserAccount>();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);
  readonly #page = inject(DestroyRef);

  protected readonly account = linkedSignal(() => ({ name: this.customer().name }));
  protected readonly sending = submitting(this.account, async ({ name }) => {
    const user = await this.#users.edit(this.customer().id, { name });
    // The next customer may have been asked for meanwhile.
    if (!this.#page.destroyed) this.changed.emit(user);
  });
  protected readonly form = form(this.account, (path) => nameRules(path.name), {
    submission: this.sending.submission,
  });
}
