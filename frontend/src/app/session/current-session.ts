import { computed, DestroyRef, DOCUMENT, inject, Service, signal } from '@angular/core';
import { SessionsClient } from '../api/sessions-client';
import { DoorAccess, PhoneCodeSent, User } from '../api/shapes';
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
  readonly #door = signal<DoorAccess | null>(null, { equal: isSameDoor });

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  readonly isAdmin = computed(() => this.user()?.role === 'admin');
  /** The door that a pass has opened on this phone; nobody is signed in then. */
  readonly door = this.#door.asReadonly();
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
    const doorBefore = this.#door();
    const owner = this.#device.owner();
    try {
      const { user, door } = await this.#sessions.current(owner === null ? null : PATIENCE_MS);
      // A sign-in or sign-out in this tab meanwhile is newer than this answer.
      if (this.#user() !== before || this.#door() !== doorBefore) return;
      this.#become(user, door);
      if (before != null && before.id !== user?.id) this.#departures.update((count) => count + 1);
    } catch {
      // Later the user stays as before: if the session is over, the server refuses the next request.
      if (before === undefined) this.#user.set(owner);
    }
  }

  async signIn(account: string, password: string): Promise<User> {
    const { user } = await this.#sessions.create(account, password);
    this.#become(user);
    this.#otherTabs.tell();
    return user;
  }

  /** Signs in as well, unless a code was sent that must be entered first. */
  async signUp(name: string, phone: string, password: string): Promise<PhoneCodeSent | null> {
    const answer = await this.#users.signUp({ name, phone, password });
    if ('token' in answer) return answer;
    await this.signIn(phone, password);
    return null;
  }

  /** Opens the door of an event with the secret of a pass, in place of the session there was. */
  async openDoor(secret: string): Promise<void> {
    const { door } = await this.#sessions.openDoor(secret);
    this.#become(null, door);
    this.#otherTabs.tell();
  }

  async signOut(): Promise<void> {
    await this.#sessions.endCurrent();
    this.#become(null);
    this.#otherTabs.tell();
  }

  /** Asks the server who is signed in now, here and in this browser's other tabs. */
  async refreshEverywhere(): Promise<void> {
    await this.refresh();
    this.#otherTabs.tell();
  }

  /** The server says the session is over, which the other tabs do not know yet. */
  ended(): void {
    const wasKnown = this.#user() != null;
    this.#become(null);
    if (wasKnown) this.#otherTabs.tell();
  }

  /** A server of the release before says nothing of doors. */
  #become(user: User | null, door: DoorAccess | null | undefined = null): void {
    this.#device.belongTo(user);
    this.#user.set(user);
    this.#door.set(door);
  }
}

/** An answer that says the same must not set anything in motion. */
function isSameUser(one: User | null | undefined, other: User | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isSameDoor(one: DoorAccess | null, other: DoorAccess | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
