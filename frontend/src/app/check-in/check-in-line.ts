import { inject, Signal, signal } from '@angular/core';
import { CheckIn } from '../api/admin-shapes';
import { toProblem } from '../api/problem';
import { TicketsClient } from '../api/tickets-client';
import { VenueClock } from '../formats/venue-clock';
import { symbolsOf, ticketCodeReadings } from './ticket-code';
import { admitted, CheckInProblem, misread, refused, Verdict } from './verdict';

const REMEMBERED = 50;

export interface Entry extends Verdict {
  id: number;
  at: number;
}

export interface CheckInLine {
  /** The latest first. */
  readonly entries: Signal<readonly Entry[]>;
  /** How many codes wait for their answer. */
  readonly waiting: Signal<number>;
  add(typed: string): void;
}

/** Where codes are checked, and who hears about it. */
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
  const entries = signal<readonly Entry[]>([]);
  const waiting = signal(0);
  /** Codes asked about without an answer, and when that was first. */
  const unanswered = new Map<string, number>();
  let last: Promise<void> = Promise.resolve();
  let count = 0;

  function record(verdict: Verdict, checkIn: CheckIn | null): void {
    const entry = { ...verdict, id: ++count, at: Date.now() };
    entries.update((earlier) => [entry, ...earlier].slice(0, REMEMBERED));
    door.answered(entry, checkIn);
  }

  async function ask(code: string): Promise<void> {
    const asked = Date.now();
    try {
      const checkIn = await tickets.checkIn(code, door.eventId());
      unanswered.delete(code);
      record(admitted(checkIn), checkIn);
    } catch (error) {
      const problem: CheckInProblem = toProblem(error);
      const first = unanswered.get(code) ?? null;
      const verdict = refused(problem, code, door.clock(), first);
      if (verdict.next === 'repeat') unanswered.set(code, first ?? asked);
      record(verdict, null);
    }
  }

  return {
    entries: entries.asReadonly(),
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
