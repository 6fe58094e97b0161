import { Clipboard } from '@angular/cdk/clipboard';
import { Component, computed, inject, input, output, signal } from '@angular/core';
import { BookedEvent, Ticket } from '../../api/shapes';
import { shortMoment } from '../../formats/moment';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { Poster } from '../../ui/poster';
import { When } from '../../ui/when';
import { QrCode } from '../../ui/qr-code';

/** A ticket that looks like one: art, what it admits to, a perforation, and the code on its stub. */
@Component({
  selector: 'mq-ticket-card',
  imports: [Icon, IsolatedPipe, Poster, QrCode, When],
  templateUrl: './ticket-card.html',
  styleUrl: './ticket-card.css',
  host: { '[class.spent]': "ticket().status !== 'active'" },
})
export class TicketCard {
  readonly ticket = input.required<Ticket>();
  readonly event = input.required<BookedEvent>();
  readonly number = input.required<number>();
  readonly count = input.required<number>();
  readonly bookingId = input.required<number>();
  /** The name of the customer; null when another person looks at the ticket. */
  readonly holder = input.required<string | null>();
  /** The code is to fill the screen. */
  readonly enlarged = output();

  readonly #clipboard = inject(Clipboard);

  protected readonly copied = signal<boolean | null>(null);
  protected readonly groups = computed(() => this.ticket().ticket_code.split('-'));
  protected readonly state = computed(() => {
    const { status, used_at: usedAt } = this.ticket();
    if (status === 'cancelled') return 'Cancelled';
    if (status === 'used') {
      return usedAt === null ? 'Used' : `Used ${shortMoment(usedAt, this.event())}`;
    }
    return null;
  });

  protected copy(): void {
    this.copied.set(this.#clipboard.copy(this.ticket().ticket_code));
  }
}
