import { Component, inject, output, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { nameRules, phoneRules } from '../../account/account-schema';
import { Customer } from '../../api/admin-shapes';
import { Problem } from '../../api/problem';
import { submitting } from '../../api/submitting';
import { UsersClient } from '../../api/users-client';
import { TextField } from '../../ui/text-field';

/** Somebody at the box office who has no account: a name and a phone are enough. */
@Component({
  selector: 'mq-new-customer-form',
  imports: [FormRoot, TextField],
  template: `
    <form [formRoot]="form" aria-label="New customer">
      @if (sending.problem(); as problem) {
        <div class="notice bad" role="alert">
          <p class="heading">{{ problem.title }}</p>
          <p>{{ problem.detail }}</p>
        </div>
      }
      <mq-text-field name="customer-name" label="Name" autocomplete="off" [field]="form.name" />
      <mq-text-field
        name="customer-phone"
        label="Phone"
        hint="The customer needs no password to come in; one can be set later."
        type="tel"
        autocomplete="off"
        [field]="form.phone"
      />
      <div class="actions">
        <button type="submit" class="button" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Creating …' : 'Create customer' }}
        </button>
        <button type="button" class="button quiet" (click)="abandoned.emit()">Never mind</button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-2);
      padding: var(--space-4);
      border: 1px solid var(--line);
      background: var(--paper-raised);
    }
  `,
})
export class NewCustomerForm {
  readonly created = output<Customer>();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);

  protected readonly customer = signal({ name: '', phone: '' });
  protected readonly sending = submitting(
    this.customer,
    async (customer) => this.created.emit(await this.#users.create(customer)),
    { fieldOfType: { '/problems/phone-taken': 'phone' }, refused: inWords },
  );
  protected readonly form = form(
    this.customer,
    (path) => {
      nameRules(path.name);
      phoneRules(path.phone);
    },
    { submission: this.sending.submission },
  );
}

/** The API speaks to who signs up; here it is somebody else's phone. */
function inWords(problem: Problem): Problem {
  return problem.type === '/problems/phone-taken'
    ? { ...problem, detail: 'This phone has an account already: find it above.' }
    : problem;
}
