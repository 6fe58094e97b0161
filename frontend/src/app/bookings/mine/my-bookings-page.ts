import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { BookingsClient } from '../../api/bookings-client';
import { PagedList } from '../../api/paged-list';
import { Booking } from '../../api/shapes';
import { CurrentSession } from '../../session/current-session';
import { EmptyStage } from '../../ui/empty-stage';
import { MoreButton } from '../../ui/more-button';
import { ProblemNotice } from '../../ui/problem-notice';
import { BookingRow } from './booking-row';

interface Section {
  heading: string;
  list: PagedList<Booking>;
}

@Component({
  selector: 'mq-my-bookings-page',
  imports: [BookingRow, EmptyStage, MoreButton, ProblemNotice, RouterLink],
  templateUrl: './my-bookings-page.html',
  styleUrl: './my-bookings-page.css',
})
export class MyBookingsPage {
  readonly #bookings = inject(BookingsClient);
  protected readonly session = inject(CurrentSession);

  protected readonly sections: Section[] = [
    { heading: 'Upcoming', list: this.#list('upcoming') },
    { heading: 'Past and cancelled', list: this.#list('past') },
  ];
  protected readonly loading = computed(() => this.sections.some(({ list }) => list.loading()));
  protected readonly empty = computed(
    () =>
      !this.loading() &&
      this.sections.every(({ list }) => list.problem() === null && list.items().length === 0),
  );

  #list(scope: 'upcoming' | 'past'): PagedList<Booking> {
    return this.#bookings.ofUser(() => this.session.user()?.id, scope);
  }
}
