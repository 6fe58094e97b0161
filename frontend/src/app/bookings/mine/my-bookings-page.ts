import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { PagedList, pagedList } from '../../api/paged-list';
import { Booking } from '../../api/shapes';
import { CurrentSession } from '../../session/current-session';
import { EmptyStage } from '../../ui/empty-stage';
import { ProblemNotice } from '../../ui/problem-notice';
import { BookingRow } from './booking-row';

interface Section {
  heading: string;
  list: PagedList<Booking>;
}

@Component({
  selector: 'mq-my-bookings-page',
  imports: [BookingRow, EmptyStage, ProblemNotice, RouterLink],
  templateUrl: './my-bookings-page.html',
  styleUrl: './my-bookings-page.css',
})
export class MyBookingsPage {
  protected readonly session = inject(CurrentSession);

  protected readonly sections: Section[] = [
    { heading: 'Upcoming', list: this.#bookings('upcoming') },
    { heading: 'Past and cancelled', list: this.#bookings('past') },
  ];
  protected readonly loading = computed(() => this.sections.some(({ list }) => list.loading()));
  protected readonly empty = computed(
    () =>
      !this.loading() &&
      this.sections.every(({ list }) => list.problem() === null && list.items().length === 0),
  );

  #bookings(scope: 'upcoming' | 'past'): PagedList<Booking> {
    return pagedList<Booking>(() => {
      const user = this.session.user();
      return user ? { url: `/api/bookings/user/${user.id}`, params: { scope } } : undefined;
    });
  }
}
