import { computed, DestroyRef, DOCUMENT, inject, Service, signal } from '@angular/core';
import { SecondFactorClient } from '../api/second-factor-client';
import { SessionsClient } from '../api/sessions-client';
import { DoorAccess, PhoneCodeSent, Session, User } from '../api/shapes';
import { UsersClient } from '../api/users-client';
import { DeviceBookings } from './device-bookings';
import { OtherTabs } from './other-tabs';

/** How long the person whose bookings are on this device waits before they are shown. */
const PATIENCE_MS = 5000;

const NOBODY = { user: null };

/** Who is signed in. The session itself is a cookie no script can read. */
@Service()
export class CurrentSession {
  readonly #sessions = inject(SessionsClient);
  readonly #factor = inject(SecondFactorClient);
  readonly #users = inject(UsersClient);
  readonly #device = inject(DeviceBookings);
  readonly #otherTabs = inject(OtherTabs);
  readonly #user = signal<User | null | undefined>(undefined, { equal: isSameUser });
  readonly #secondFactor = signal<Session['second_factor']>(null);
  readonly #departures = signal(0);
  readonly #door = signal<DoorAccess | null>(null, { equal: isSameDoor });

  /** `undefined` until the server has answered. */
  readonly user = this.#user.asReadonly();
  /**
   * What is missing: `required` of somebody who has given the password only, and is not signed in
   * yet; `missing` of an admin who may do nothing but set up a second factor.
   */
  readonly secondFactor = this.#secondFactor.asReadonly();
  readonly isAdmin = computed(
    () => this.user()?.role === 'admin' && this.secondFactor() !== 'missing',
  );
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
    const factorBefore = this.#secondFactor();
    const owner = this.#device.owner();
    try {
      const session = await this.#sessions.current(owner === null ? null : PATIENCE_MS);
      const { user } = session;
      // A sign-in or sign-out in this tab meanwhile is newer than this answer.
      if (this.#user() !== before || this.#door() !== doorBefore) return;
      if (this.#secondFactor() !== factorBefore) return;
      this.#become(session);
      if (before != null && before.id !== user?.id) this.#departures.update((count) => count + 1);
    } catch {
      // Later the user stays as before: if the session is over, the server refuses the next request.
      if (before === undefined) this.#user.set(owner);
    }
  }

  /** Where the second factor is on, `secondFactor` is then `required`. */
  async signIn(account: string, password: string): Promise<void> {
    this.#become(await this.#sessions.create(account, password));
    this.#otherTabs.tell();
  }

  /** Finishes a sign-in with a code of the authenticator app, or a recovery code. */
  async giveSecondFactor(code: string): Promise<void> {
    this.#become(await this.#factor.give(code));
    this.#otherTabs.tell();
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
    this.#become({ ...(await this.#sessions.openDoor(secret)), user: null });
    this.#otherTabs.tell();
  }

  async signOut(): Promise<void> {
    await this.#sessions.endCurrent();
    this.#become(NOBODY);
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
    this.#become(NOBODY);
    if (wasKnown) this.#otherTabs.tell();
  }

  /** A server of a release before says nothing of doors and second factors. */
  #become({ user, door, second_factor }: Partial<Session> & Pick<Session, 'user'>): void {
    this.#device.belongTo(user);
    this.#secondFactor.set(second_factor ?? null);
    this.#user.set(user);
    this.#door.set(door ?? null);
  }
}

/** An answer that says the same must not set anything in motion. */
function isSameUser(one: User | null | undefined, other: User | null | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isSameDoor(one: DoorAccess | null, other: DoorAccess | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
