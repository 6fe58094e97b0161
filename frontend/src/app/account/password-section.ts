import { Component, ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { AccountClient } from '../api/account-client';
import { Account } from '../api/shapes';
import { submitting } from '../api/submitting';
import { Refusal } from '../session/refusal';
import { newPasswordRules } from './account-schema';
import { PasswordField } from '../ui/password-field';

/** Changes the password of the account. */
@Component({
  selector: 'mq-password-section',
  imports: [FormRoot, PasswordField, Refusal],
  template: `
    <section class="settings" aria-labelledby="password-heading">
      <h2 #heading id="password-heading" tabindex="-1">Password</h2>
      <div role="status" [class.visually-hidden]="said() === ''">{{ said() }}</div>
      @if (changing()) {
        <form [formRoot]="form">
          @if (sending.problem(); as problem) {
            <mq-refusal [problem]="problem" />
          }
          <!-- Password managers find the account by it. -->
          <input
            class="visually-hidden"
            type="text"
            autocomplete="username"
            tabindex="-1"
            aria-hidden="true"
            readonly
            [value]="account().phone"
          />
          <mq-password-field name="password-now" label="Current password" [field]="form.current" />
          <mq-password-field
            name="password-new"
            label="New password"
            hint="At least 8 characters. It signs you out everywhere else."
            isNew
            [field]="form.chosen"
          />
          <div class="actions">
            <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
              {{ form().submitting() ? 'Saving …' : 'Save the password' }}
            </button>
            <button type="button" class="button" (click)="stop()">Cancel</button>
          </div>
        </form>
      } @else {
        <button type="button" class="button" (click)="start()">Change the password</button>
      }
    </section>
  `,
  styleUrl: './account-section.css',
})
export class PasswordSection {
  readonly account = input.required<Account>();

  readonly #accounts = inject(AccountClient);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly changing = signal(false);
  protected readonly said = signal('');
  protected readonly entered = signal({ current: '', chosen: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ current, chosen }) => {
      await this.#accounts.setPassword(current, chosen);
      this.stop();
      this.said.set('Your password is changed. You are signed out everywhere else.');
      // The form is gone.
      this.heading().nativeElement.focus();
    },
    {
      fieldOfType: { '/problems/password-wrong': 'current' },
      refused: (problem) => ({
        ...problem,
        errors: problem.errors?.map((error) => ({
          ...error,
          pointer: error.pointer === '/new_password' ? '/chosen' : '/current',
        })),
      }),
    },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      required(path.current, { message: 'Enter your current password.' });
      newPasswordRules(path.chosen);
    },
    { submission: this.sending.submission },
  );

  protected start(): void {
    this.said.set('');
    this.changing.set(true);
  }

  protected stop(): void {
    this.entered.set({ current: '', chosen: '' });
    this.changing.set(false);
  }
}
