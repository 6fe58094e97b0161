import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { CalendarState, NewCalendar } from './shapes';

/** The private address at which a calendar program reads the signed-in person's bookings. */
@Service()
export class CalendarsClient {
  readonly #http = inject(HttpClient);

  find(): HttpResourceRef<CalendarState | undefined> {
    return httpResource<CalendarState>(() => '/api/calendars');
  }

  /** The only answer that holds the address. An address from before no longer works. */
  create(): Promise<NewCalendar> {
    return firstValueFrom(this.#http.post<NewCalendar>('/api/calendars', null));
  }

  async end(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/calendars'));
  }
}
