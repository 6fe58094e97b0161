import { Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { loaded } from '../api/loaded';
import { Problem, toProblem } from '../api/problem';
import { SecondFactorClient } from '../api/second-factor-client';
import { SecondFactorSetup } from '../api/shapes';
import { countOf } from '../formats/count';
import { shortDate } from '../formats/moment';
import { CurrentSession } from '../session/current-session';
import { AskDialog } from '../ui/ask-dialog';
import { ProblemNotice } from '../ui/problem-notice';
import { FactorSetup } from './factor-setup';
import { RecoveryCodes } from './recovery-codes';
import { FormProblem } from '../ui/form-problem';

/** The second factor of the account: set up, new recovery codes, turned off. */
@Component({
  selector: 'mq-second-factor-section',
  imports: [AskDialog, FactorSetup, FormProblem, ProblemNotice, RecoveryCodes],
  templateUrl: './second-factor-section.html',
  styleUrl: './account-section.css',
})
export class SecondFactorSection {
  readonly #factor = inject(SecondFactorClient);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly loaded = loaded(this.#factor.find(), () => this.#session.user()?.id);
  protected readonly state = this.loaded.value;
  protected readonly since = computed(() => {
    const since = this.state()?.since ?? null;
    return since === null ? '' : shortDate(since);
  });
  protected readonly left = computed(() => {
    const left = this.state()?.recovery_codes ?? 0;
    return left === 0
      ? 'No recovery codes are left: make new ones.'
      : `${countOf(left, 'recovery code')} left.`;
  });
  protected readonly setup = signal<SecondFactorSetup | null>(null);
  /** They are shown once. */
  protected readonly codes = signal<readonly string[] | null>(null);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  protected readonly renew = () => this.#factor.replaceRecoveryCodes();
  protected readonly disable = () => this.#factor.disable();

  protected async begin(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    this.said.set('');
    try {
      this.setup.set(await this.#factor.beginSetup());
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected abandon(): void {
    this.setup.set(null);
    this.heading().nativeElement.focus();
  }

  protected enabled(codes: readonly string[]): void {
    this.setup.set(null);
    this.show(codes, 'The second factor is on.');
  }

  protected show(codes: readonly string[], said: string): void {
    this.codes.set(codes);
    this.said.set(said);
    this.loaded.reload();
    // What was pressed is gone.
    this.heading().nativeElement.focus();
  }

  protected keep(): void {
    this.codes.set(null);
    this.heading().nativeElement.focus();
    // Where admins need a second factor, all else is open from now on.
    void this.#session.refreshEverywhere();
  }

  protected disabled(): void {
    this.said.set('The second factor is off.');
    this.loaded.reload();
    this.heading().nativeElement.focus();
    void this.#session.refreshEverywhere();
  }
}
