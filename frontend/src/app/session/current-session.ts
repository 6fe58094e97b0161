import { HttpClient } from '@angular/common/http';
import { computed, inject, Service, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { Session, User } from '../api/shapes';

/** Who is signed in. The session itself is a cookie no script can read. */
@Service()
export class CurrentSession {
  readonly #http = inject(HttpClient);
  readonly #user = signal<User | null | undefined>(undefined);

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  readonly isAdmin = computed(() => this.user()?.role === 'admin');

  /** Resolves once `user` is known; an unreachable server counts as nobody. */
  readonly known: Promise<void> = this.refresh();

  async refresh(): Promise<void> {
    try {
      const session = await firstValueFrom(this.#http.get<Session>('/api/sessions/current'));
      this.#user.set(session.user);
    } catch {
      this.#user.set(null);
    }
  }

  async signIn(phone: string, password: string): Promise<User> {
    const session = await firstValueFrom(
      this.#http.post<Session & { user: User }>('/api/sessions', { phone, password }),
    );
    this.#user.set(session.user);
    return session.user;
  }

  async signUp(name: string, phone: string, password: string): Promise<User> {
    await firstValueFrom(this.#http.post<User>('/api/users', { name, phone, password }));
    return this.signIn(phone, password);
  }

  async signOut(): Promise<void> {
    await firstValueFrom(this.#http.delete('/api/sessions/current'));
    this.#user.set(null);
  }

  /** The server says the session is over. */
  ended(): void {
    this.#user.set(null);
  }
}
