import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import {
  Activity,
  AdminEvent,
  AdminEventPage,
  EventEdit,
  EventIntegrity,
  Integrity,
  PastEvent,
  Sales,
} from './admin-shapes';
import { PagedList, pagedList, QueryParams } from './paged-list';
import { EventDetails, Page } from './shapes';

/** Reads data that is for admins only. */
@Service()
export class AdminClient {
  readonly #http = inject(HttpClient);

  findEvent(id: () => string | number): HttpResourceRef<AdminEvent | undefined> {
    return httpResource<AdminEvent>(() => `/api/admin/events/${id()}`);
  }

  /** The event as it is now, asked for once. */
  currentEvent(id: number): Promise<AdminEvent> {
    return firstValueFrom(this.#http.get<AdminEvent>(`/api/admin/events/${id}`));
  }

  /** The name of the admin who changed the event last; undefined where the log does not say. */
  async lastEditor(eventId: number): Promise<string | undefined> {
    const params = { event_id: eventId, limit: 50 };
    const { items } = await firstValueFrom(
      this.#http.get<Page<Activity>>('/api/admin/activity', { params }),
    );
    const edit = items.find(({ action }) => action.startsWith('event-'));
    return edit?.actor_name ?? undefined;
  }

  findSales(eventId: () => string): HttpResourceRef<Sales | undefined> {
    return httpResource<Sales>(() => `/api/admin/events/${eventId()}/sales`);
  }

  findEventIntegrity(eventId: () => number): HttpResourceRef<EventIntegrity | undefined> {
    return httpResource<EventIntegrity>(() => `/api/admin/events/${eventId()}/integrity`);
  }

  findIntegrity<T>(parse: (answer: Integrity) => T): HttpResourceRef<T | undefined> {
    return httpResource<T>(() => '/api/admin/integrity', {
      parse: (body) => parse(body as Integrity),
    });
  }

  listEvents(params: () => QueryParams): PagedList<AdminEvent, AdminEventPage> {
    return pagedList<AdminEvent, AdminEventPage>(() => ({
      url: '/api/admin/events',
      params: params(),
    }));
  }

  /** Events of any status: those from `since` on, or without it all of them, the latest first. */
  listForCheckIn(query: () => { search: string; since: string | null }): PagedList<EventDetails> {
    return pagedList<EventDetails>(() => {
      const { search, since } = query();
      const params: QueryParams = { status: 'all', limit: '10' };
      if (search !== '') params['search'] = search;
      return since === null
        ? { url: '/api/admin/events', params: { ...params, sort: 'date_time', order: 'desc' } }
        : { url: '/api/events', params: { ...params, from: since } };
    });
  }

  /** The edits of an event, newest first. */
  listHistory(id: () => number): PagedList<EventEdit> {
    return pagedList<EventEdit>(() => ({ url: `/api/events/${id()}/history`, params: {} }));
  }

  /** An event as it was; nothing is asked while there is no moment. */
  findPastEvent(
    id: () => number,
    at: () => string | undefined,
  ): HttpResourceRef<PastEvent | undefined> {
    return httpResource<PastEvent>(() => {
      const moment = at();
      return moment === undefined
        ? undefined
        : { url: `/api/events/${id()}/as-of`, params: { at: moment } };
    });
  }

  listActivity(params: () => QueryParams): PagedList<Activity> {
    return pagedList<Activity>(() => ({ url: '/api/admin/activity', params: params() }));
  }
}
