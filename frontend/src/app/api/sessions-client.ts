import { HttpClient } from '@angular/common/http';
import { inject, Service } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { Session, User } from './shapes';

@Service()
export class SessionsClient {
  readonly #http = inject(HttpClient);

  /** Fails when there is no answer after so many milliseconds; `null` waits for ever. */
  current(patience: number | null): Promise<Session> {
    const timeout = patience ?? undefined;
    return firstValueFrom(this.#http.get<Session>('/api/sessions/current', { timeout }));
  }

  create(phone: string, password: string): Promise<Session & { user: User }> {
    return firstValueFrom(
      this.#http.post<Session & { user: User }>('/api/sessions', { phone, password }),
    );
  }

  async endCurrent(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/sessions/current'));
  }
}
