import {
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { Problem, toProblem } from '../api/problem';
import { Booking } from '../api/shapes';
import { countOf } from '../formats/count';
import { shortMoment } from '../formats/moment';
import { Bookings } from './bookings';

/** Asks before a booking is cancelled, and says what that does. */
@Component({
  selector: 'mq-cancel-dialog',
  template: `
    <dialog #dialog class="sheet" aria-labelledby="cancel-heading" aria-describedby="cancel-words">
      <h2 id="cancel-heading">Cancel this booking?</h2>
      <p id="cancel-words">
        {{ tickets() }} for {{ booking().event.title }}, {{ when() }}.
        {{ booking().quantity === 1 ? 'Its code stops' : 'Their codes stop' }} working at once and
        the {{ booking().quantity === 1 ? 'ticket goes' : 'tickets go' }} back on sale. This cannot
        be undone.
      </p>
      @if (problem(); as problem) {
        <div class="notice bad" role="alert">
          <p class="heading">{{ problem.title }}</p>
          <p>{{ problem.detail }}</p>
        </div>
      }
      <div class="actions">
        <button type="button" class="button" (click)="close()">Keep booking</button>
        <button
          type="button"
          class="button danger"
          [attr.aria-disabled]="busy()"
          (click)="cancel()"
        >
          {{ busy() ? 'Cancelling …' : 'Cancel booking' }}
        </button>
      </div>
    </dialog>
  `,
  styles: `
    dialog {
      gap: var(--space-4);
    }

    dialog[open] {
      display: grid;
    }
  `,
})
export class CancelDialog {
  readonly booking = input.required<Booking>();
  readonly cancelled = output<Booking>();

  readonly #bookings = inject(Bookings);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly tickets = computed(() => countOf(this.booking().quantity, 'ticket'));
  protected readonly when = computed(() => {
    const { date_time: moment, time_zone: zone } = this.booking().event;
    return shortMoment(moment, zone);
  });

  open(): void {
    this.problem.set(null);
    this.dialog().nativeElement.showModal();
  }

  protected close(): void {
    this.dialog().nativeElement.close();
  }

  protected async cancel(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      const booking = await this.#bookings.cancel(this.booking().id);
      this.close();
      this.cancelled.emit(booking);
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
