import { Component, inject, input, output, signal } from '@angular/core';
import { form, FormField, FormRoot } from '@angular/forms/signals';
import { phoneRules } from '../../account/account-schema';
import { UserAccount } from '../../api/admin-shapes';
import { submitting } from '../../api/submitting';
import { UsersClient } from '../../api/users-client';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { TakeOverNotice } from './take-over-notice';
import { FormProblem } from '../../ui/form-problem';
import { PhoneField } from '../../account/phone-field';

/** A customer has another number now, or lost theirs to somebody else. */
@Component({
  selector: 'mq-customer-phone-form',
  imports: [FormField, FormProblem, FormRoot, IsolatedPipe, PhoneField, TakeOverNotice],
  template: `
    <form aria-labelledby="customer-phone-heading" [formRoot]="form">
      <h3 id="customer-phone-heading">A new number for {{ customer().name | isolated }}</h3>
      <mq-form-problem [problem]="sending.problem()" />
      <mq-phone-field name="customer-new-phone" autocomplete="off" [field]="form.phone" />
      <label class="choice">
        <input type="checkbox" [formField]="form.verified" />
        I have seen a document with this number, or called it
      </label>
      @if (taken() === entered().phone) {
        <mq-take-over-notice [action]="takeOver" (taken)="changed.emit($event)" />
      }
      <div class="actions">
        <button type="submit" class="button" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'Saving …' : 'Save the number' }}
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

    .choice {
      display: flex;
      gap: var(--space-3);
      align-items: center;
      min-height: var(--target);
      cursor: pointer;
    }

    .choice input {
      flex: none;
      width: 1.25rem;
      height: 1.25rem;
      margin: 0;
      accent-color: var(--ink);
    }
  `,
})
export class CustomerPhoneForm {
  readonly customer = input.required<UserAccount>();
  readonly changed = output<UserAccount>();
  readonly abandoned = output();

  readonly #users = inject(UsersClient);
  /** The number that another account has. */
  protected readonly taken = signal<string | null>(null);
  protected readonly entered = signal({ phone: '', verified: false });
  protected readonly sending = submitting(
    this.entered,
    async ({ phone, verified }) => {
      this.taken.set(null);
      const given = { phone, verified, take_over: false };
      this.changed.emit(await this.#users.setPhone(this.customer().id, given));
    },
    {
      fieldOfType: { '/problems/phone-taken': 'phone' },
      refused: (problem) => {
        if (problem.type !== '/problems/phone-taken') return problem;
        this.taken.set(this.entered().phone);
        return { ...problem, detail: `${problem.title}.` };
      },
    },
  );
  protected readonly form = form(this.entered, (path) => phoneRules(path.phone), {
    submission: this.sending.submission,
  });

  protected readonly takeOver = () =>
    this.#users.setPhone(this.customer().id, {
      phone: this.entered().phone,
      verified: true,
      take_over: true,
    });
}
