import { Service } from '@angular/core';
import { Booking, User } from '../api/shapes';

/** A booking as it was at a moment, which is RFC 3339. */
export interface KeptBooking {
  booking: Booking;
  keptAt: string;
}

interface Kept {
  owner: User;
  bookings: KeptBooking[];
}

const STORE = 'marquee.bookings';

/**
 * The bookings of the person who is signed in, kept on this device: tickets are shown in cellars
 * and fields, too. Nothing is kept for anyone else, and signing out removes it all.
 */
@Service()
export class DeviceBookings {
  /** The user who signed in here last and has not signed out. */
  owner(): User | null {
    return this.#read()?.owner ?? null;
  }

  /** Removes the bookings of other users; without a user it removes all. */
  belongTo(user: User | null): void {
    const kept = this.#read();
    const bookings = kept?.owner.id === user?.id ? (kept?.bookings ?? []) : [];
    this.#write(user === null ? null : { owner: user, bookings });
  }

  all(): KeptBooking[] {
    return this.#read()?.bookings ?? [];
  }

  find(id: string): KeptBooking | null {
    return this.all().find(({ booking }) => String(booking.id) === id) ?? null;
  }

  /** Keeps those bookings of the list that are the owner's, and no others. */
  keepOnly(bookings: readonly Booking[]): void {
    this.#keep(bookings, []);
  }

  keep(booking: Booking): void {
    this.#keep(
      [booking],
      this.all().filter((kept) => kept.booking.id !== booking.id),
    );
  }

  #keep(bookings: readonly Booking[], others: KeptBooking[]): void {
    const owner = this.owner();
    if (owner === null) return;
    const keptAt = new Date().toISOString();
    // An admin sees bookings of other people, which are not to stay here.
    const own = bookings.filter((booking) => booking.user_id === owner.id);
    this.#write({ owner, bookings: [...others, ...own.map((booking) => ({ booking, keptAt }))] });
  }

  #read(): Kept | null {
    try {
      return JSON.parse(localStorage.getItem(STORE) ?? 'null') as Kept | null;
    } catch {
      return null;
    }
  }

  #write(kept: Kept | null): void {
    try {
      if (kept === null) localStorage.removeItem(STORE);
      else localStorage.setItem(STORE, JSON.stringify(kept));
    } catch {
      // Storage may be forbidden or full: the bookings are then shown with network only.
    }
  }
}
