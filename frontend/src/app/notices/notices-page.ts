import { Component, computed, DOCUMENT, effect, inject, signal, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';
import { NoticesClient } from '../api/notices-client';
import { Notice } from '../api/shapes';
import { whileVisible } from '../api/while-visible';
import { shortMoment } from '../formats/moment';
import { CurrentSession } from '../session/current-session';
import { UnreadNotices } from '../session/unread-notices';
import { EmptyStage } from '../ui/empty-stage';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { MoreButton } from '../ui/more-button';
import { ProblemNotice } from '../ui/problem-notice';

const KINDS: Record<Notice['kind'], string> = {
  'booking-confirmed': 'Booking confirmed',
  'booking-cancelled': 'Booking cancelled',
  'event-changed': 'Event changed',
  'event-cancelled': 'Event cancelled',
  'event-message': 'Message from the organiser',
  'event-reminder': 'Reminder',
};
const RETRY_MS = 30_000;

/** What the signed-in person was told. New notices are marked, and are read once they were shown. */
@Component({
  selector: 'mq-notices-page',
  imports: [EmptyStage, IsolatedPipe, MoreButton, ProblemNotice, RouterLink],
  templateUrl: './notices-page.html',
  styleUrl: './notices-page.css',
})
export class NoticesPage {
  protected readonly session = inject(CurrentSession);
  readonly #unread = inject(UnreadNotices);
  readonly #page = inject(DOCUMENT);

  protected readonly list = inject(NoticesClient).list(() => this.session.user() != null);
  protected readonly rows = computed(() =>
    this.list.items().map((notice) => ({
      ...notice,
      kindInWords: KINDS[notice.kind],
      when: shortMoment(notice.at),
      isNew: this.#firstSeen().has(notice.id),
      path:
        notice.booking_id === null
          ? `/events/${notice.event_id}`
          : `/bookings/${notice.booking_id}`,
      link: notice.booking_id === null ? 'See the event' : 'See your booking',
    })),
  );

  /** Those that were unread when they came: they stay marked until the page is left. */
  readonly #firstSeen = signal<ReadonlySet<number>>(new Set());
  readonly #marked = new Set<number>();
  #isMarking = false;

  constructor() {
    effect(() => {
      const fresh = this.list.items().filter(({ read }) => !read);
      if (fresh.length === 0) return;
      untracked(() => {
        this.#firstSeen.update((seen) => new Set([...seen, ...fresh.map(({ id }) => id)]));
        void this.#markShown();
      });
    });
    // When the page could not be seen, or the server not be reached.
    whileVisible(RETRY_MS, () => void this.#markShown());
    this.#reloadWhenMoreCome();
  }

  #reloadWhenMoreCome(): void {
    let before = this.#unread.count();
    effect(() => {
      const now = this.#unread.count();
      if (now > before && !untracked(this.list.loading)) this.list.reload();
      before = now;
    });
  }

  async #markShown(): Promise<void> {
    const ids = [...this.#firstSeen()].filter((id) => !this.#marked.has(id)).slice(0, 100);
    if (this.#isMarking || ids.length === 0 || this.#page.visibilityState !== 'visible') return;
    this.#isMarking = true;
    const isMarked = await this.#unread.markRead(ids);
    this.#isMarking = false;
    if (!isMarked) return;
    for (const id of ids) this.#marked.add(id);
    // More may have been shown meanwhile.
    void this.#markShown();
  }
}
