import { Component, input, output, signal } from '@angular/core';
import { Problem, toProblem } from '../../api/problem';

/** A number has an account, and the person at the box office has shown that it is theirs. */
@Component({
  selector: 'mq-take-over-notice',
  template: `
    <div class="notice warn" role="alert">
      <p class="heading">Another account has this number</p>
      <p>
        If the customer has shown you that the number is theirs, take it from that account. Its
        owner keeps their bookings, and can no longer sign in with this number.
      </p>
      @if (problem(); as problem) {
        <p>{{ problem.detail }}</p>
      }
      <p>
        <button type="button" class="button" [attr.aria-disabled]="busy()" (click)="takeOver()">
          Take the number over
        </button>
      </p>
    </div>
  `,
})
export class TakeOverNotice<T> {
  readonly action = input.required<() => Promise<T>>();
  /** What came of it. */
  readonly taken = output<T>();

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);

  protected async takeOver(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.taken.emit(await this.action()());
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
