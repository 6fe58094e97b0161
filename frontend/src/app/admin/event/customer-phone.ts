import { Component, computed, inject, input, output, signal } from '@angular/core';
import { UserAccount } from '../../api/admin-shapes';
import { UsersClient } from '../../api/users-client';
import { AskDialog } from '../../ui/ask-dialog';
import { CustomerPhoneForm } from './customer-phone-form';

/** What is known about a customer's phone, in a few words; empty when nothing is to be said. */
export function phoneNote({ phone_verified, phone_lost }: UserAccount): string {
  if (phone_lost) return 'number is somebody else’s now';
  return phone_verified ? '' : 'number not verified';
}

/** Whose the phone of the chosen customer is: an admin verifies it, or gives the customer another. */
@Component({
  selector: 'mq-customer-phone',
  imports: [AskDialog, CustomerPhoneForm],
  template: `
    <div class="actions">
      @if (note() !== '' && !customer().phone_lost) {
        <button type="button" class="button quiet" [disabled]="disabled()" (click)="ask.open()">
          Verify the number
        </button>
      }
      <button
        type="button"
        class="button quiet"
        [attr.aria-expanded]="changing()"
        [disabled]="disabled()"
        (click)="changing.set(!changing())"
      >
        New number
      </button>
    </div>
    @if (changing()) {
      <mq-customer-phone-form
        [customer]="customer()"
        (changed)="finish($event)"
        (abandoned)="changing.set(false)"
      />
    }
    <mq-ask-dialog
      #ask
      heading="Is this their number?"
      yes="Yes, it is theirs"
      no="I do not know"
      [danger]="false"
      [action]="verify"
      (confirmed)="finish($event)"
    >
      <p>
        Say yes if you have seen a document with this number, or have called it and the customer has
        answered. Your name stands beside it in the log.
      </p>
    </mq-ask-dialog>
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-2);
      width: 100%;
    }

    /* The words stand under the name, not the edge of the button. */
    .actions {
      gap: 0;
      margin-inline-start: calc(-1 * var(--space-3));
    }
  `,
})
export class CustomerPhone {
  readonly customer = input.required<UserAccount>();
  readonly disabled = input.required<boolean>();
  readonly changed = output<UserAccount>();

  readonly #users = inject(UsersClient);
  protected readonly changing = signal(false);
  protected readonly note = computed(() => phoneNote(this.customer()));
  protected readonly verify = () =>
    this.#users.setPhone(this.customer().id, {
      phone: this.customer().phone ?? '',
      verified: true,
      take_over: false,
    });

  protected finish(customer: UserAccount): void {
    this.changing.set(false);
    this.changed.emit(customer);
  }
}
