import { computed, inject, Service, signal } from '@angular/core';
import { SessionsClient } from '../api/sessions-client';
import { User } from '../api/shapes';
import { UsersClient } from '../api/users-client';
import { DeviceBookings } from './device-bookings';

/** How long the person whose bookings are on this device waits before they are shown. */
const PATIENCE_MS = 5000;

/** Who is signed in. The session itself is a cookie no script can read. */
@Service()
export class CurrentSession {
  readonly #sessions = inject(SessionsClient);
  readonly #users = inject(UsersClient);
  readonly #device = inject(DeviceBookings);
  readonly #user = signal<User | null | undefined>(undefined);

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  readonly isAdmin = computed(() => this.user()?.role === 'admin');

  /**
   * Resolves once `user` is known. Without an answer it is the person whose bookings are kept on
   * this device, or nobody.
   */
  readonly known: Promise<void> = this.refresh();

  async refresh(): Promise<void> {
    const owner = this.#device.owner();
    try {
      const { user } = await this.#sessions.current(owner === null ? null : PATIENCE_MS);
      this.#become(user);
    } catch {
      this.#user.set(owner);
    }
  }

  async signIn(phone: string, password: string): Promise<User> {
    const { user } = await this.#sessions.create(phone, password);
    this.#become(user);
    return user;
  }

  async signUp(name: string, phone: string, password: string): Promise<User> {
    await this.#users.create({ name, phone, password });
    return this.signIn(phone, password);
  }

  async signOut(): Promise<void> {
    await this.#sessions.endCurrent();
    this.#become(null);
  }

  /** The server says the session is over. */
  ended(): void {
    this.#become(null);
  }

  #become(user: User | null): void {
    this.#device.belongTo(user);
    this.#user.set(user);
  }
}
