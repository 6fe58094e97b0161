import { Component, ElementRef, inject, input, OnDestroy, signal, viewChild } from '@angular/core';
import { Booking } from '../../api/shapes';
import { ScreenAwake } from '../../ui/screen-awake';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { SwipeStrip } from '../../ui/swipe-strip';
import { QrCode } from '../../ui/qr-code';
import { onNextRender } from '../../ui/on-next-render';

/** The codes of a booking one by one, as large as the screen, which stays lit meanwhile. */
@Component({
  selector: 'mq-full-screen-codes',
  imports: [IsolatedPipe, QrCode, SwipeStrip],
  template: `
    <dialog #dialog aria-label="Ticket codes" (close)="closed()">
      @if (shown()) {
        <mq-swipe-strip focusable of="ticket" [count]="booking().tickets.length">
          @for (ticket of booking().tickets; track ticket.id; let index = $index) {
            <li>
              <mq-qr-code
                [text]="ticket.ticket_code"
                [label]="
                  'QR code of ticket ' +
                  (index + 1) +
                  ' of ' +
                  booking().tickets.length +
                  ', full screen'
                "
              />
              <p class="code">{{ ticket.ticket_code }}</p>
              <p>
                {{ booking().event.title | isolated }}<br />
                @if (holder(); as name) {
                  {{ name | isolated }},
                }
                No. {{ booking().id }}
              </p>
              @if (ticket.status === 'used') {
                <p class="used">Used</p>
              }
            </li>
          }
        </mq-swipe-strip>
      }
      <button type="button" class="button" (click)="dialog.close()">Close</button>
    </dialog>
  `,
  styleUrl: './full-screen-codes.css',
})
export class FullScreenCodes implements OnDestroy {
  readonly booking = input.required<Booking>();
  readonly holder = input.required<string | null>();

  readonly #onNextRender = onNextRender();
  readonly #awake = inject(ScreenAwake);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly strip = viewChild(SwipeStrip);

  protected readonly shown = signal(false);

  open(index: number): void {
    this.shown.set(true);
    this.dialog().nativeElement.showModal();
    this.#awake.keep();
    this.#onNextRender(() => this.strip()?.show(index, 'instant'));
  }

  ngOnDestroy(): void {
    this.#awake.release();
  }

  protected closed(): void {
    this.shown.set(false);
    this.#awake.release();
  }
}
