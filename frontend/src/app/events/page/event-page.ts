import { Location } from '@angular/common';
import {
  Component,
  computed,
  DOCUMENT,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  numberAttribute,
  viewChild,
} from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { EventsClient } from '../../api/events-client';
import { loaded } from '../../api/loaded';
import { EventDetails } from '../../api/shapes';
import { whileVisible } from '../../api/while-visible';
import { BookingAttempts } from '../../bookings/desk/booking-attempts';
import { BookingForm } from '../../bookings/form/booking-form';
import { countOf, formatCount } from '../../formats/count';
import { hoursInWords, moreFacts } from '../../formats/event-facts';
import { isolated } from '../../formats/isolated';
import { mapLink } from '../../formats/map-link';
import { shortMoment } from '../../formats/moment';
import { formatPrice, isFree } from '../../formats/money';
import { refundOfEvent } from '../../formats/money-in-words';
import { textPieces } from '../../formats/text-links';
import { CurrentSession } from '../../session/current-session';
import { PageTitle } from '../../shell/page-title';
import { DateBlock } from '../../ui/date-block';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { Poster } from '../../ui/poster';
import { ShareButton } from '../../ui/share-button';
import { When } from '../../ui/when';
import { Availability } from '../availability';
import { EventState, eventState } from '../event-state';
import { EventListing } from '../list/event-listing';
import { SaleCountdown } from './sale-countdown';
import { onNextRender } from '../../ui/on-next-render';

/** How often the number of tickets left is loaded while the page is visible. */
const REFRESH_MS = 15_000;

@Component({
  selector: 'mq-event-page',
  imports: [
    Availability,
    BookingForm,
    DateBlock,
    Icon,
    IsolatedPipe,
    LoadedPage,
    Poster,
    RouterLink,
    SaleCountdown,
    ShareButton,
    When,
  ],
  templateUrl: './event-page.html',
  styleUrl: './event-page.css',
})
export class EventPage {
  readonly id = input.required<string>();
  /** From the address, so that signing in or reloading keeps the choice. */
  readonly quantity = input(1, { transform: wholeTickets });

  readonly #page = inject(DOCUMENT);
  readonly #onNextRender = onNextRender();
  private readonly booking = viewChild<ElementRef<HTMLElement>>('booking');
  readonly #attempts = inject(BookingAttempts);
  readonly #session = inject(CurrentSession);

  readonly #events = inject(EventsClient);
  protected readonly loaded = loaded(this.#events.find(this.id), this.id);
  protected readonly event = this.loaded.value;
  protected readonly chosen = linkedSignal(() => this.quantity());
  readonly #settling = computed(() => {
    const user = this.#session.user();
    return user ? this.#attempts.unsettled(user.id, Number(this.id())) !== null : false;
  });
  /** It could be booked at some time of this visit: then its end is news and must be said. */
  protected readonly seenOpen = linkedSignal<boolean, boolean>({
    source: () => this.facts()?.state === 'open',
    computation: (open, previous) => open || (previous?.value ?? false),
  });
  /** It went on sale during this visit: the button appears without a reload, and that is said. */
  protected readonly opened = linkedSignal<EventState | undefined, boolean>({
    source: () => this.facts()?.state,
    computation: (state, previous) =>
      state === 'open' && (previous?.source === 'not-yet' || (previous?.value ?? false)),
  });
  protected readonly facts = computed(() => {
    const event = this.event();
    if (event === undefined) return null;
    return {
      // The last tickets may be gone because this customer's own unanswered booking took them.
      state: this.#settling() ? 'open' : eventState(event),
      toCome: event.bookable,
      saleEnds: event.sale_ends_at === null ? null : shortMoment(event.sale_ends_at, event),
      calendarFile: this.#events.calendarFileUrl(event.id),
      price: formatPrice(event.price, event.currency),
      free: isFree(event.price),
      // What is free has no money to return.
      refund: isFree(event.price) ? '' : refundOfEvent(event.organiser_contact),
      hours: hoursInWords(event),
      map: mapLink(event.address ?? event.venue),
      more: moreFacts(event),
      left: inAll(event),
      paragraphs: event.description
        .split(/\n{2,}/)
        .filter((text) => text.trim() !== '')
        .map((text) => textPieces(text)),
    };
  });

  readonly #location = inject(Location);
  readonly #router = inject(Router);
  readonly #cameFromList = isList(
    this.#router.currentNavigation()?.previousNavigation?.finalUrl?.toString(),
  );
  readonly #listing = inject(EventListing);
  /** The list as it was asked last. */
  protected readonly listHref = computed(() =>
    this.#router.createUrlTree(['/'], { queryParams: this.#listing.address() }).toString(),
  );

  constructor() {
    const location = this.#location;
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(isolated(event.title));
      else if (this.loaded.missing()) title.set('No such event');
    });
    effect(() => {
      const quantity = this.chosen();
      if (quantity !== this.quantity()) {
        // Not through the router: the page would scroll back to its top at every step.
        location.replaceState(`/events/${this.id()}`, `quantity=${quantity}`);
      }
    });
    effect(() => {
      if (this.seenOpen() && this.facts()?.state !== 'open') this.#keepFocus();
    });
    whileVisible(REFRESH_MS, () => {
      if (this.event() !== undefined) this.loaded.reload();
    });
  }

  /** A step back finds the list scrolled to where it was left. */
  protected goBack(event: MouseEvent): void {
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (elsewhere) return;
    event.preventDefault();
    if (this.#cameFromList) this.#location.back();
    else void this.#router.navigateByUrl(this.listHref());
  }

  /** The button that was pressed is gone with its form; the keyboard must not start over. */
  #keepFocus(): void {
    this.#onNextRender(() => {
      if (this.#page.activeElement === this.#page.body) this.booking()?.nativeElement.focus();
    });
  }
}

function inAll({ capacity, max_tickets_per_customer: most }: EventDetails): string {
  const all = `${countOf(capacity, 'ticket')} in all`;
  return most === null ? all : `${all}, at most ${formatCount(most)} for each customer`;
}

function wholeTickets(text: unknown): number {
  const quantity = Math.trunc(numberAttribute(text, 1));
  return quantity >= 1 && quantity <= 1000 ? quantity : 1;
}

function isList(url: string | undefined): boolean {
  return url !== undefined && /^\/(\?|$)/.test(url);
}
