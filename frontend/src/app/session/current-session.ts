import { computed, DestroyRef, DOCUMENT, inject, Service, signal } from '@angular/core';
import { SessionsClient } from '../api/sessions-client';
import { User } from '../api/shapes';
import { UsersClient } from '../api/users-client';
import { DeviceBookings } from './device-bookings';
import { OtherTabs } from './other-tabs';

/** How long the person whose bookings are on this device waits before they are shown. */
const PATIENCE_MS = 5000;

/** Who is signed in. The session itself is a cookie no script can read. */
@Service()
export class CurrentSession {
  readonly #sessions = inject(SessionsClient);
  readonly #users = inject(UsersClient);
  readonly #device = inject(DeviceBookings);
  readonly #otherTabs = inject(OtherTabs);
  readonly #user = signal<User | null | undefined>(undefined, { equal: isSameUser });
  readonly #departures = signal(0);

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  readonly isAdmin = computed(() => this.user()?.role === 'admin');
  /** How often this tab has found that another one signed its user out, or somebody else in. */
  readonly departures = this.#departures.asReadonly();

  /**
   * Resolves once `user` is known. Without an answer it is the person whose bookings are kept on
   * this device, or nobody.
   */
  readonly known: Promise<void> = this.refresh();

  constructor() {
    const page = inject(DOCUMENT);
    const refreshIfVisible = () => {
      if (page.visibilityState === 'visible') void this.refresh();
    };
    this.#otherTabs.whenTold(() => void this.refresh());
    page.addEventListener('visibilitychange', refreshIfVisible);
    inject(DestroyRef).onDestroy(() =>
      page.removeEventListener('visibilitychange', refreshIfVisible),
    );
  }

  /** Asks the server who is signed in. Without an answer nothing changes. */
  async refresh(): Promise<void> {
    const before = this.#user();
    const owner = this.#device.owner();
    try {
      const { user } = await this.#sessions.current(owner === null ? null : PATIENCE_MS);
      // A sign-in or sign-out in this tab meanwhile is newer than this answer.
      if (this.#user() !== before) return;
      this.#become(user);
      if (before != null && before.id !== user?.id) this.#departures.update((count) => count + 1);
    } catch {
      // Later the user stays as before: if the session is over, the server refuses the next request.
      if (before === undefined) this.#user.set(owner);
    }
  }

  async signIn(phone: string, password: string): Promise<User> {
    const { user } = await this.#sessions.create(phone, password);
    this.#become(user);
    this.#otherTabs.tell();
    return user;
  }

  async signUp(name: string, phone: string, password: string): Promise<User> {
    await this.#users.create({ name, phone, password });
    return this.signIn(phone, password);
  }

  async signOut(): Promise<void> {
    await this.#sessions.endCurrent();
    this.#become(null);
    this.#otherTabs.tell();
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

/** An answer that says the same must not set anything in motion. */
function isSameUser(one: User | null | undefined, other: User | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
