import { Clipboard } from '@angular/cdk/clipboard';
import { Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { CalendarsClient } from '../../api/calendars-client';
import { Problem, toProblem } from '../../api/problem';
import { shortDate } from '../../formats/moment';
import { Icon } from '../../ui/icon';
import { FormProblem } from '../../ui/form-problem';

/** Lets a calendar program follow the bookings: makes the private address, replaces and ends it. */
@Component({
  selector: 'mq-calendar-subscription',
  imports: [FormProblem, Icon],
  templateUrl: './calendar-subscription.html',
  styleUrl: './calendar-subscription.css',
})
export class CalendarSubscription {
  readonly #calendars = inject(CalendarsClient);
  readonly #clipboard = inject(Clipboard);
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');

  readonly #state = this.#calendars.find();
  readonly #made = signal<string | null>(null);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  /** Programs take the scheme webcal for a subscription, and https for a file to save. */
  protected readonly address = computed(() => {
    const https = this.#made();
    return https === null ? null : { https, webcal: https.replace(/^https?:/, 'webcal:') };
  });
  protected readonly since = computed(() => {
    const since = this.#state.hasValue() ? this.#state.value().created_at : null;
    return since === null ? null : shortDate(since);
  });

  protected create(): Promise<void> {
    return this.#change('Your new address is ready.', async () => {
      const { address, created_at } = await this.#calendars.create();
      this.#made.set(address);
      this.#state.set({ created_at });
    });
  }

  protected end(): Promise<void> {
    return this.#change('Your address no longer works.', async () => {
      await this.#calendars.end();
      this.#made.set(null);
      this.#state.set({ created_at: null });
    });
  }

  protected copy(address: string): void {
    this.said.set(
      this.#clipboard.copy(address)
        ? 'The address is copied.'
        : 'This browser does not allow copying. Select the address instead.',
    );
  }

  async #change(done: string, send: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await send();
      this.said.set(done);
      // The button that was pressed may be gone.
      this.heading()?.nativeElement.focus();
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
