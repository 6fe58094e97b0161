import { computed, inject, Service, signal } from '@angular/core';
import { SessionsClient } from '../api/sessions-client';
import { User } from '../api/shapes';
import { UsersClient } from '../api/users-client';

/** Who is signed in. The session itself is a cookie no script can read. */
@Service()
export class CurrentSession {
  readonly #sessions = inject(SessionsClient);
  readonly #users = inject(UsersClient);
  readonly #user = signal<User | null | undefined>(undefined);

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  readonly isAdmin = computed(() => this.user()?.role === 'admin');

  /** Resolves once `user` is known; an unreachable server counts as nobody. */
  readonly known: Promise<void> = this.refresh();

  async refresh(): Promise<void> {
    try {
      const { user } = await this.#sessions.current();
      this.#user.set(user);
    } catch {
      this.#user.set(null);
    }
  }

  async signIn(phone: string, password: string): Promise<User> {
    const { user } = await this.#sessions.create(phone, password);
    this.#user.set(user);
    return user;
  }

  async signUp(name: string, phone: string, password: string): Promise<User> {
    await this.#users.create({ name, phone, password });
    return this.signIn(phone, password);
  }

  async signOut(): Promise<void> {
    await this.#sessions.endCurrent();
    this.#user.set(null);
  }

  /** The server says the session is over. */
  ended(): void {
    this.#user.set(null);
  }
}
