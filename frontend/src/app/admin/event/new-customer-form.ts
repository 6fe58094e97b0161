import { Component, inject, output, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { nameRules, phoneRules } from '../../account/account-schema';
import { Customer } from '../../api/admin-shapes';
import { formErrors } from '../../api/form-errors';
import { Problem, toProblem } from '../../api/problem';
import { UsersClient } from '../../api/users-client';
import { TextField } from '../../ui/text-field';

/** Somebody at the box office who has no account: a name and a phone are enough. */
@Component({
  selector: 'mq-new-customer-form',
  imports: [FormRoot, TextField],
  template: `
    <form [formRoot]="form" aria-label="New customer">
      @if (message(); as message) {
        <div class="notice bad" role="alert">
          <p>{{ message }}</p>
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
        <button type="button" class="button quiet" (click)="left.emit()">Never mind</button>
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
  readonly left = output();

  readonly #users = inject(UsersClient);

  protected readonly message = signal<string | null>(null);
  protected readonly customer = signal({ name: '', phone: '' });
  protected readonly form = form(
    this.customer,
    (path) => {
      nameRules(path.name);
      phoneRules(path.phone);
    },
    {
      submission: {
        action: async (submitted) => {
          this.message.set(null);
          try {
            const user = await this.#users.create(this.customer());
            this.created.emit(user);
            return undefined;
          } catch (error) {
            const { fields, message } = formErrors(submitted, inWords(toProblem(error)), {
              '/problems/phone-taken': 'phone',
            });
            this.message.set(message);
            fields[0]?.fieldTree().focusBoundControl();
            return fields;
          }
        },
        onInvalid: (invalid) => invalid().errorSummary()[0]?.fieldTree().focusBoundControl(),
      },
    },
  );
}

/** The API speaks to who signs up; here it is somebody else's phone. */
function inWords(problem: Problem): Problem {
  return problem.type === '/problems/phone-taken'
    ? { ...problem, detail: 'This phone has an account already: find it above.' }
    : problem;
}
