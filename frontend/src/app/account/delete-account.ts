import { Component, computed, inject, input, signal } from '@angular/core';
import { applyWhen, form, FormRoot, required } from '@angular/forms/signals';
import { Router, RouterLink } from '@angular/router';
import { AccountClient } from '../api/account-client';
import { BookingsClient } from '../api/bookings-client';
import { Account } from '../api/shapes';
import { submitting } from '../api/submitting';
import { shortMoment } from '../formats/moment';
import { CurrentSession } from '../session/current-session';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { ProblemNotice } from '../ui/problem-notice';
import { FormProblem } from '../ui/form-problem';
import { PasswordField } from '../ui/password-field';

/** Deletes the account permanently: refused, with the bookings by name, while there are any. */
@Component({
  selector: 'mq-delete-account',
  imports: [FormProblem, FormRoot, IsolatedPipe, PasswordField, ProblemNotice, RouterLink],
  templateUrl: './delete-account.html',
  styleUrl: './account-section.css',
})
export class DeleteAccount {
  readonly account = input.required<Account>();

  readonly #accounts = inject(AccountClient);
  readonly #session = inject(CurrentSession);
  readonly #router = inject(Router);

  protected readonly asked = signal(false);
  protected readonly upcoming = inject(BookingsClient).ofUser(
    () => (this.asked() ? this.account().id : undefined),
    'upcoming',
  );
  protected readonly bookings = computed(() =>
    this.upcoming.items().map(({ id, event }) => ({
      id,
      title: event.title,
      when: shortMoment(event.date_time, event),
    })),
  );
  protected readonly entered = signal({ password: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ password }) => {
      await this.#accounts.erase(password === '' ? null : password);
      await this.#leave();
    },
    {
      fieldOfType: { '/problems/password-wrong': 'password' },
      refused: (problem) => {
        // Booked in another tab since this was opened.
        if (problem.type === '/problems/upcoming-bookings') this.upcoming.reload();
        return problem;
      },
    },
  );
  protected readonly form = form(
    this.entered,
    (path) =>
      applyWhen(
        path,
        () => this.account().has_password,
        (whole) => required(whole.password, { message: 'Enter your password.' }),
      ),
    { submission: this.sending.submission },
  );

  async #leave(): Promise<void> {
    try {
      await this.#session.signOut();
    } catch {
      // The session is over in any case: only the cookie of this browser is left.
      this.#session.ended();
    }
    await this.#router.navigateByUrl('/account-deleted');
  }
}
