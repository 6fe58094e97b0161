import { Component, inject, output, signal } from '@angular/core';
import { UserAccount } from '../../api/admin-shapes';
import { UsersClient } from '../../api/users-client';
import { formatPhone } from '../../formats/phone';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { ProblemNotice } from '../../ui/problem-notice';
import { SearchBox } from '../../ui/search-box';
import { phoneNote } from './customer-phone';
import { NewCustomerForm } from './new-customer-form';

const SHOWN = 6;

/** A customer, found by name or phone or created on the spot. */
@Component({
  selector: 'mq-customer-picker',
  imports: [IsolatedPipe, NewCustomerForm, ProblemNotice, SearchBox],
  template: `
    <mq-search-box
      name="customer-search"
      label="Find a customer"
      placeholder="Name or phone"
      [search]="search()"
      (searched)="search.set($event)"
    />
    <div aria-live="polite">
      @if (users.problem(); as problem) {
        <mq-problem-notice [problem]="problem" (retry)="users.reload()" />
      } @else if (search() !== '' && !users.loading()) {
        @if (users.items().length === 0) {
          <p class="soft">Nobody of that name or phone.</p>
        } @else {
          <ul>
            @for (user of users.items(); track user.id) {
              <li>
                <button type="button" (click)="picked.emit(user)">
                  <strong>{{ user.name | isolated }}</strong>
                  <span class="soft small"
                    >{{ formatPhone(user.phone) }}{{ user.role === 'admin' ? ', admin' : '' }}
                    @if (phoneNote(user); as note) {
                      <span class="note">{{ note }}</span>
                    }
                  </span>
                </button>
              </li>
            }
          </ul>
          @if (users.hasMore()) {
            <p class="soft small">There are more: add a letter or a digit.</p>
          }
        }
      }
    </div>
    @if (creating()) {
      <mq-new-customer-form (created)="created.emit($event)" (abandoned)="creating.set(false)" />
    } @else {
      <button type="button" class="button" (click)="creating.set(true)">New customer</button>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: var(--space-3);
      justify-items: start;
      max-width: 40rem;
    }

    mq-search-box,
    mq-new-customer-form,
    div {
      width: 100%;
    }

    li {
      border-block-end: 1px solid var(--line);
    }

    li button {
      display: flex;
      flex-wrap: wrap;
      gap: 0 var(--space-4);
      align-items: baseline;
      justify-content: space-between;
      width: 100%;
      min-height: var(--target);
      padding: var(--space-2) var(--space-2);
      border: 0;
      background: none;
      text-align: start;
      overflow-wrap: anywhere;
      cursor: pointer;
    }

    .note {
      color: var(--warn);
      font-weight: 600;
    }

    @media (hover: hover) {
      li button:hover {
        background: var(--paper-sunk);
      }
    }
  `,
})
export class CustomerPicker {
  readonly picked = output<UserAccount>();
  /** Somebody who had no account. Nobody else can sign in to it, so nothing need be asked. */
  readonly created = output<UserAccount>();

  protected readonly formatPhone = formatPhone;
  protected readonly phoneNote = phoneNote;
  protected readonly search = signal('');
  protected readonly creating = signal(false);
  protected readonly users = inject(UsersClient).list(() =>
    this.search() === '' ? undefined : { search: this.search(), limit: String(SHOWN) },
  );
}
