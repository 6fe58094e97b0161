import { HttpClient, httpResource, HttpResourceRef } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { OwnSession, Session } from './shapes';

@Service()
export class SessionsClient {
  readonly #http = inject(HttpClient);

  /** Fails when there is no answer after `patience` milliseconds. `null`: there is no limit. */
  current(patience: number | null): Promise<Session> {
    const timeout = patience ?? undefined;
    return firstValueFrom(this.#http.get<Session>('/api/sessions/current', { timeout }));
  }

  /**
   * `account` is a phone or a verified mail address. There is no user yet where the second factor
   * must follow.
   */
  create(account: string, password: string): Promise<Session> {
    return firstValueFrom(this.#http.post<Session>('/api/sessions', { account, password }));
  }

  /** Those of the person who is signed in, the last used first. */
  findOwn(): HttpResourceRef<{ items: OwnSession[] } | undefined> {
    return httpResource<{ items: OwnSession[] }>(() => '/api/sessions');
  }

  async end(id: number): Promise<void> {
    await firstValueFrom(this.#http.delete(`/api/sessions/${id}`));
  }

  async endOthers(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/sessions'));
  }

  /** Begins the session of a phone with the secret of a door pass. */
  openDoor(secret: string): Promise<Session> {
    return firstValueFrom(this.#http.post<Session>('/api/door-sessions', { pass: secret }));
  }

  async endCurrent(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/sessions/current'));
  }
}
