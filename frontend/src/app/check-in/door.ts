import {
  Component,
  computed,
  DestroyRef,
  DOCUMENT,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { loaded } from '../api/loaded';
import { toProblem } from '../api/problem';
import { DoorEvent } from '../api/shapes';
import { TicketsClient } from '../api/tickets-client';
import { whileVisible } from '../api/while-visible';
import { formatCount } from '../formats/count';
import { isolated } from '../formats/isolated';
import { shortMoment } from '../formats/moment';
import { clockFormat, UTC } from '../formats/venue-clock';
import { PageTitle } from '../shell/page-title';
import { IsolatedPipe } from '../ui/isolated-pipe';
import { LoadedPage } from '../ui/loaded-page';
import { ScreenAwake } from '../ui/screen-awake';
import { SoldBar } from '../ui/sold-bar';
import { checkInLine } from './check-in-line';
import { CodeCamera } from './code-camera';
import { connection } from './connection';
import { DoorSignals } from './door-signals';
import { VerdictPanel } from './verdict-panel';

/** Other doors admit, too: how often the counter asks. */
const REFRESH_MS = 10_000;
/** How many earlier scans are listed. */
const SHOWN = 12;

interface Counts {
  inside: number;
  sold: number;
}

/** The door of one event: scan or type, and read the verdict. */
@Component({
  selector: 'mq-door',
  imports: [CodeCamera, IsolatedPipe, LoadedPage, RouterLink, SoldBar, VerdictPanel],
  templateUrl: './door.html',
  styleUrl: './door.css',
  host: {
    '(document:keydown)': 'catchScanner($event)',
    '(document:visibilitychange)': 'focusAgain()',
  },
})
export class Door {
  readonly eventId = input.required<number>();
  /** The name of the pass that has opened it; null: an admin is here, who may go elsewhere. */
  readonly pass = input<string | null>(null);
  readonly left = output();

  readonly #page = inject(DOCUMENT);
  protected readonly signals = inject(DoorSignals);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');

  readonly #counter = inject(TicketsClient).findDoor(this.eventId);
  protected readonly loaded = loaded(this.#counter, this.eventId);
  protected readonly event = this.loaded.value;
  protected readonly when = computed(() => {
    const event = this.event();
    return event === undefined ? '' : shortMoment(event.date_time, event);
  });
  /** As of the last answer, of a check-in or of the counter itself, which may have been asked before. */
  protected readonly counts = linkedSignal<DoorEvent | undefined, Counts>({
    source: this.event,
    computation: (event, previous) => {
      if (event === undefined) return { inside: 0, sold: 0 };
      const { tickets_checked_in: inside, tickets_sold: sold } = event;
      const before = previous?.source?.id === event.id ? previous.value.inside : 0;
      return { inside: Math.max(inside, before), sold };
    },
  });
  protected readonly line = checkInLine({
    eventId: () => this.eventId(),
    clock: () => this.event() ?? UTC,
    answered: ({ tone, next }, checkIn) => {
      this.signals.give(tone);
      if (next === 'repeat') this.connection.answered(false);
      if (checkIn === null) {
        // Another door may have checked this ticket in, so load the counts again.
        this.loaded.reload();
        return;
      }
      const { tickets_checked_in: inside, tickets_sold: sold } = checkIn.event;
      this.counts.set({ inside, sold });
    },
  });
  protected readonly connection = connection(() => this.loaded.reload());
  protected readonly verdict = this.line.latest;
  protected readonly history = computed(() =>
    this.line
      .entries()
      .filter((entry) => entry !== this.verdict())
      .slice(0, SHOWN)
      .map((entry) => ({
        ...entry,
        time: clockFormat({ timeStyle: 'medium' }).format(entry.at),
        mark: { admit: '✓', again: '!', refuse: '✕', unknown: '?' }[entry.tone],
      })),
  );
  protected readonly formatCount = formatCount;

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Check-in: ${isolated(event.title)}`);
    });
    effect(() => {
      if (this.field() !== undefined) this.takeFocus();
    });
    effect(() => {
      const status = this.#counter.status();
      if (status === 'resolved') this.connection.answered(true);
      else if (status === 'error') this.connection.answered(!isOffline(this.#counter.error()));
    });
    const awake = inject(ScreenAwake);
    awake.keep();
    inject(DestroyRef).onDestroy(() => awake.release());
    whileVisible(REFRESH_MS, () => this.loaded.reload());
  }

  protected submit(field: HTMLInputElement): void {
    const typed = field.value;
    // At once, not when the answer is there: the next code may be on its way already.
    field.value = '';
    this.line.add(typed);
  }

  protected repeat(code: string): void {
    this.line.add(code);
    this.takeFocus();
  }

  /** Moves the focus to the field, so that the keys that a scanner types go there. */
  protected catchScanner(event: KeyboardEvent): void {
    const at = event.target as HTMLElement;
    const types = at.matches('input, textarea, select, [contenteditable]');
    if (types || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9a-z]$/i.test(event.key)) this.field()?.nativeElement.focus();
  }

  protected focusAgain(): void {
    if (this.#page.visibilityState === 'visible') this.takeFocus();
  }

  /** Not on a phone, where the keyboard would cover the verdict. */
  protected takeFocus(): void {
    const coarse = this.#page.defaultView?.matchMedia('(pointer: coarse)').matches ?? false;
    if (!coarse) this.field()?.nativeElement.focus();
  }
}

function isOffline(error: unknown): boolean {
  return toProblem(error).type === '/problems/offline';
}
