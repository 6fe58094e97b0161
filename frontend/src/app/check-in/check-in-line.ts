import { computed, inject, linkedSignal, Signal, signal } from '@angular/core';
import { CheckIn } from '../api/admin-shapes';
import { toProblem } from '../api/problem';
import { ServerClock } from '../api/server-clock';
import { TicketsClient } from '../api/tickets-client';
import { VenueClock } from '../formats/venue-clock';
import { DoorHistory, Entry } from './door-history';
import { symbolsOf, ticketCodeReadings } from './ticket-code';
import { admitted, CheckInProblem, Known, misread, refused, Verdict } from './verdict';

const REMEMBERED = 50;

export interface CheckInLine {
  /** The latest first, those before the page was loaded again included. */
  readonly entries: Signal<readonly Entry[]>;
  /** The latest since the page was loaded. */
  readonly latest: Signal<Entry | null>;
  /** How many codes wait for their answer. */
  readonly waiting: Signal<number>;
  add(typed: string): void;
}

/** The event whose tickets are checked, and callbacks for the answers. */
export interface DoorOfEvent {
  eventId: () => number;
  clock: () => VenueClock;
  answered: (entry: Entry, checkIn: CheckIn | null) => void;
}

/**
 * Codes are asked about one after the other, in the order they were scanned: the next may be typed
 * while an answer is on its way.
 */
export function checkInLine(door: DoorOfEvent): CheckInLine {
  const tickets = inject(TicketsClient);
  const history = inject(DoorHistory);
  const clock = inject(ServerClock);
  /** `restored` is the last of those from before the page was loaded. */
  const remembered = linkedSignal<number, { entries: readonly Entry[]; restored: number }>({
    source: door.eventId,
    computation: (eventId) => {
      const entries = history.read(eventId);
      return { entries, restored: entries[0]?.id ?? 0 };
    },
  });
  const entries = computed(() => remembered().entries);
  const waiting = signal(0);
  let last: Promise<void> = Promise.resolve();

  function record(verdict: Verdict, checkIn: CheckIn | null, unansweredSince?: number): void {
    const id = (entries()[0]?.id ?? 0) + 1;
    const entry = { ...verdict, id, at: clock.now(), unansweredSince };
    remembered.update(({ entries: earlier, restored }) => ({
      entries: [entry, ...earlier].slice(0, REMEMBERED),
      restored,
    }));
    history.write(door.eventId(), entries());
    door.answered(entry, checkIn);
  }

  async function ask(code: string): Promise<void> {
    const asked = clock.now();
    try {
      const checkIn = await tickets.checkIn(code, door.eventId());
      record(admitted(checkIn), checkIn);
    } catch (error) {
      const problem: CheckInProblem = toProblem(error);
      const known = knownOf(code, entries());
      const verdict = refused(problem, code, door.clock(), known, clock.now());
      const unanswered = verdict.next === 'repeat';
      record(verdict, null, unanswered ? (known.askedAt ?? asked) : undefined);
    }
  }

  return {
    entries,
    latest: computed(() => {
      const { entries, restored } = remembered();
      return entries[0] !== undefined && entries[0].id > restored ? entries[0] : null;
    }),
    waiting: waiting.asReadonly(),
    add: (typed) => {
      if (symbolsOf(typed) === '') return;
      const [code] = ticketCodeReadings(typed);
      waiting.update((before) => before + 1);
      last = last
        .then(() => (code === undefined ? record(misread(typed), null) : ask(symbolsOf(code))))
        .finally(() => waiting.update((before) => before - 1));
    },
  };
}

/** The result that earlier entries, the latest first, have for a code. */
function knownOf(code: string, entries: readonly Entry[]): Known {
  const ofCode = entries.filter((entry) => symbolsOf(entry.code) === code);
  const admission = ofCode.findIndex(({ tone }) => tone === 'admit');
  const since = admission === -1 ? ofCode : ofCode.slice(0, admission);
  return {
    askedAt: since.find(({ unansweredSince }) => unansweredSince)?.unansweredSince ?? null,
    admittedAt: ofCode[admission]?.at ?? null,
  };
}
