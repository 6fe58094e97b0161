import { Component, inject, output, signal } from '@angular/core';
import { form, FormRoot } from '@angular/forms/signals';
import { nameRules, phoneRules } from '../../account/account-schema';
import { UserAccount } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { UsersClient } from '../../api/users-client';
import { Refusal } from '../../session/refusal';
import { TextField } from '../../ui/text-field';
import { TakeOverNotice } from './take-over-notice';
import { PhoneField } from '../../account/phone-field';

/** Somebody at the box office who has no account: a name and a phone are enough. */
@Component({
  selector: 'mq-new-customer-form',
  imports: [FormRoot, PhoneField, Refusal, TakeOverNotice, TextField],
  template: `
    <form [formRoot]="form" aria-label="New customer">
      @if (sending.problem(); as problem) {
        <mq-refusal [problem]="problem" />
      }
      <mq-text-field name="customer-name" label="Name" autocomplete="off" [field]="form.name" />
      <mq-phone-field name="customer-phone" autocomplete="off" [field]="form.phone" />
      @if (taken() === customer().phone) {
        <mq-take-over-notice [action]="takeOver" (taken)="created.emit($event)" />
      }
      <p class="hint">The customer needs no password to come in, and can choose one later.</p>
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
  readonly created = output<UserAccount>();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);

  /** The number that another account has. */
  protected readonly taken = signal<string | null>(null);
  protected readonly customer = signal({ name: '', phone: '' });
  protected readonly sending = submitting(
    this.customer,
    async (customer) => {
      this.taken.set(null);
      this.created.emit(await this.#users.create(customer));
    },
    {
      fieldOfType: { '/problems/phone-taken': 'phone' },
      refused: (problem) => {
        if (problem.type !== '/problems/phone-taken') return problem;
        this.taken.set(this.customer().phone);
        // The API speaks to who signs up; here it is somebody else's phone.
        return { ...problem, detail: 'This phone has an account already: find it above.' };
      },
    },
  );
  protected readonly form = form(
    this.customer,
    (path) => {
      nameRules(path.name);
      phoneRules(path.phone);
    },
    { submission: this.sending.submission },
  );

  protected readonly takeOver = () => this.#users.create({ ...this.customer(), take_over: true });
}
