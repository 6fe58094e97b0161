import { inject, Service, untracked } from '@angular/core';
import { CurrentSession } from '../session/current-session';
import { Verdict } from './verdict';

const STORE = 'marquee.door-history';

/** A verdict as the door remembers it. */
export interface Entry extends Verdict {
  id: number;
  at: number;
  /** When the code was first asked about, if no answer came by then. */
  unansweredSince?: number | undefined;
}

interface Stored {
  userId: number | null;
  eventId: number;
  entries: Entry[];
}

/** The verdicts of one door, kept until the browser's tab is closed. */
@Service()
export class DoorHistory {
  readonly #session = inject(CurrentSession);
  #userId: number | null = null;

  /** The entries of this event, the latest first; those of another person are nobody's business. */
  read(eventId: number): readonly Entry[] {
    // The session may be over when the door writes; it is the same person's door nevertheless.
    this.#userId = untracked(this.#session.user)?.id ?? null;
    try {
      const stored = JSON.parse(sessionStorage.getItem(STORE) ?? 'null') as Stored | null;
      const own = stored?.userId === this.#userId && stored.eventId === eventId;
      return own ? stored.entries : [];
    } catch {
      return [];
    }
  }

  write(eventId: number, entries: readonly Entry[]): void {
    try {
      const stored = { userId: this.#userId, eventId, entries };
      sessionStorage.setItem(STORE, JSON.stringify(stored));
    } catch {
      // Storage may be forbidden; the history then lasts as long as the page.
    }
  }
}
