import { Component, computed, effect, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { isAway } from '../../api/problem';
import { PagedList } from '../../api/paged-list';
import { Booking } from '../../api/shapes';
import { CurrentSession } from '../../session/current-session';
import { DeviceBookings, KeptBooking } from '../../session/device-bookings';
import { EmptyStage } from '../../ui/empty-stage';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { DeviceNotice } from '../device-notice';
import { BookingRows } from './booking-rows';
import { CalendarSubscription } from './calendar-subscription';

const UPCOMING = 'Upcoming';
const PAST = 'Past and cancelled';

interface Section {
  heading: string;
  list: PagedList<Booking>;
}

@Component({
  selector: 'mq-my-bookings-page',
  imports: [
    BookingRows,
    CalendarSubscription,
    DeviceNotice,
    EmptyStage,
    MoreButton,
    ProblemNotice,
    RouterLink,
  ],
  templateUrl: './my-bookings-page.html',
  styleUrl: './my-bookings-page.css',
})
export class MyBookingsPage {
  readonly #bookings = inject(BookingsClient);
  readonly #device = inject(DeviceBookings);
  protected readonly session = inject(CurrentSession);

  protected readonly upcoming = UPCOMING;
  protected readonly sections: Section[] = [
    { heading: UPCOMING, list: this.#list('upcoming') },
    { heading: PAST, list: this.#list('past') },
  ];
  protected readonly loading = computed(() => this.sections.some(({ list }) => list.loading()));
  protected readonly empty = computed(
    () =>
      !this.loading() &&
      this.sections.every(({ list }) => list.problem() === null && list.items().length === 0),
  );

  /** The bookings kept on this device, while the server does not answer; null if there are none. */
  protected readonly kept = computed(() => {
    const away = this.sections.some(({ list }) => {
      const problem = list.problem();
      return problem !== null && isAway(problem);
    });
    const kept = away ? this.#device.all() : [];
    return kept.length === 0 ? null : keptSections(kept);
  });

  constructor() {
    effect(() => {
      const lists = this.sections.map(({ list }) => list);
      const complete = lists.every((list) => !list.loading() && list.problem() === null);
      const bookings = lists.flatMap((list) => list.items());
      if (this.session.user() && complete) this.#device.keepOnly(bookings);
    });
  }

  protected reload(): void {
    for (const { list } of this.sections) list.reload();
  }

  #list(scope: 'upcoming' | 'past'): PagedList<Booking> {
    return this.#bookings.ofUser(() => this.session.user()?.id, scope);
  }
}

/** In the order of the API's lists. */
function keptSections(kept: readonly KeptBooking[]) {
  const now = new Date().toISOString();
  const bookings = kept.map(({ booking }) => booking);
  const isUpcoming = ({ status, event }: Booking) => status === 'confirmed' && event.bookable;
  const start = ({ event }: Booking) => Date.parse(event.date_time);
  const sooner = (one: Booking, other: Booking) => start(one) - start(other);
  const upcoming = bookings.filter(isUpcoming).sort(sooner);
  const past = bookings.filter((booking) => !isUpcoming(booking)).sort((a, b) => sooner(b, a));
  return {
    keptAt: kept.reduce((oldest, { keptAt }) => (keptAt < oldest ? keptAt : oldest), now),
    sections: [
      { heading: UPCOMING, bookings: upcoming },
      { heading: PAST, bookings: past },
    ].filter((section) => section.bookings.length > 0),
  };
}
