import {
  afterRenderEffect,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { form, FormField, FormRoot, submit } from '@angular/forms/signals';
import { AdminClient } from '../../api/admin-client';
import { ConfigClient } from '../../api/config-client';
import { EventsClient } from '../../api/events-client';
import { AdminEvent } from '../../api/admin-shapes';
import { Problem, toProblem } from '../../api/problem';
import { EventDetails } from '../../api/shapes';
import { submitting } from '../../api/submitting';
import { EventCard } from '../../events/list/event-card';
import { countOf } from '../../formats/count';
import { longMoment, readerMoment } from '../../formats/moment';
import { formatPrice } from '../../formats/money';
import { CurrentSession } from '../../session/current-session';
import { AskDialog } from '../../ui/ask-dialog';
import { TextField } from '../../ui/text-field';
import { CreationKeys } from './creation-keys';
import { EditConflict } from './edit-conflict';
import {
  clockOf,
  decimal,
  draftOf,
  emptyDraft,
  EventDraft,
  inputOf,
  movesEvent,
  previewOf,
} from './event-draft';
import { eventRules } from './event-rules';
import { MoveDialog } from './move-dialog';
import { ownZone, zoneGroups } from './time-zones';
import { momentsOf, wallTimeKind } from './wall-time';

const FIELD_OF_PROBLEM = {
  '/problems/capacity-below-sold': 'capacity',
  '/problems/date-time-in-past': 'date_time',
} as const;

/** An event as it is written or edited, with the card customers will see beside it. */
@Component({
  selector: 'mq-event-form',
  imports: [AskDialog, EditConflict, EventCard, FormField, FormRoot, MoveDialog, TextField],
  templateUrl: './event-form.html',
  styleUrl: './event-form.css',
  host: { '(window:beforeunload)': 'askBeforeUnload($event)' },
})
export class EventForm {
  /** The event to edit; none for a new one. */
  readonly base = input<AdminEvent>();
  readonly saved = output<EventDetails>();

  readonly #events = inject(EventsClient);
  readonly #admin = inject(AdminClient);
  readonly #config = inject(ConfigClient).find();
  protected readonly session = inject(CurrentSession);
  private readonly leaving = viewChild.required<AskDialog<void>>(AskDialog);
  private readonly moveDialog = viewChild.required(MoveDialog);
  readonly #creationKeys = new CreationKeys();
  private readonly notices = viewChild.required<ElementRef<HTMLElement>>('notices');

  /** What the form started from; another version once a conflict is settled. */
  protected readonly current = linkedSignal(() => this.base());
  /** The version somebody else saved meanwhile, as long as nobody has chosen between the two. */
  protected readonly theirs = signal<AdminEvent | null>(null);
  protected readonly editor = signal('Somebody else');
  protected readonly draft = linkedSignal<EventDraft>(() => {
    const base = this.base();
    return base === undefined ? emptyDraft(ownZone()) : draftOf(base);
  });
  protected readonly sending = submitting(this.draft, (draft) => this.#save(draft), {
    fieldOfType: FIELD_OF_PROBLEM,
    refused: (problem) => this.#refused(problem),
  });
  protected readonly form = form(this.draft, (path) => eventRules(path, () => this.current()), {
    submission: this.sending.submission,
  });

  protected readonly zones = computed(() => zoneGroups([this.current()?.time_zone ?? 'UTC']));
  protected readonly currency = computed(
    () =>
      this.current()?.currency ?? (this.#config.hasValue() ? this.#config.value().currency : 'EUR'),
  );
  protected readonly preview = computed(() =>
    previewOf(this.draft(), this.currency(), this.current()),
  );
  protected readonly descriptionInvalid = computed(() => {
    const state = this.form.description();
    return (state.touched() || state.dirty()) && state.invalid();
  });
  /** What the chosen time means, in words; the clocks going back make some times two. */
  protected readonly timeHint = computed(() => {
    const { date_time: wallTime, time_zone: zone } = this.draft();
    const clock = clockOf(zone, this.current());
    const [first] = momentsOf(wallTime, clock);
    if (first === undefined) return 'On the clock at the venue.';
    const moment = new Date(first).toISOString();
    const own = readerMoment(moment, clock);
    const twice = wallTimeKind(wallTime, clock) === 'twice';
    return [
      longMoment(moment, clock),
      own === null ? '' : `; ${own} where you are`,
      twice ? '. The clocks are put back then: the first of the two is meant.' : '',
    ].join('');
  });
  protected readonly capacityHint = computed(() => {
    const sold = this.current()?.statistics.tickets_sold ?? 0;
    return sold === 0 ? 'All its tickets.' : `${countOf(sold, 'ticket')} sold: it cannot be less.`;
  });
  protected readonly priceHint = computed(() => {
    const event = this.current();
    const { bookings } = event?.statistics ?? { bookings: 0 };
    if (event === undefined || bookings === 0) return `In ${this.currency()}; 0 is free.`;
    const typed = decimal(this.draft().price);
    if (Number(typed) === Number(event.price)) return `In ${this.currency()}; 0 is free.`;
    const made = `${countOf(bookings, 'booking')} made before`;
    return `Only for new bookings: ${made} keep ${formatPrice(event.price, event.currency)}.`;
  });
  protected readonly paymentHint = computed(() => {
    const usual = this.#config.hasValue() ? this.#config.value().payment_note : null;
    return usual === null ? 'Such as “Pay at the door, in cash or by card.”' : `If empty: ${usual}`;
  });
  protected readonly action = computed(() => {
    if (this.form().submitting()) return 'Saving …';
    return this.current() === undefined ? 'Create event' : 'Save changes';
  });

  #mayMove = false;
  readonly #isSaved = signal(false);
  readonly #holdsUnsaved = computed(() => this.form().dirty() && !this.#isSaved());
  protected answer: (leaves: boolean) => void = () => undefined;
  protected readonly leave = () => Promise.resolve();

  constructor() {
    afterRenderEffect(() => {
      // A conflict takes the focus, and scrolls there itself.
      if (this.sending.problem() === null || this.theirs() !== null) return;
      this.notices().nativeElement.scrollIntoView({ block: 'start' });
    });
  }

  protected askBeforeUnload(event: BeforeUnloadEvent): void {
    if (this.#holdsUnsaved()) event.preventDefault();
  }

  /** Asks before what was typed and not saved is lost. */
  mayLeave(): boolean | Promise<boolean> {
    if (!this.#holdsUnsaved()) return true;
    this.leaving().open();
    return new Promise((resolve) => (this.answer = resolve));
  }

  /** Mine and theirs put together: from now on their version is what is edited. */
  protected async settle(draft: EventDraft): Promise<void> {
    this.current.set(this.theirs() ?? undefined);
    this.theirs.set(null);
    this.draft.set(draft);
    await submit(this.form);
  }

  /** The dialog has told what the move means, and was answered with yes. */
  protected readonly saveMoved = async (): Promise<void> => {
    this.#mayMove = true;
    try {
      await submit(this.form);
    } finally {
      this.#mayMove = false;
    }
  };

  async #save(draft: EventDraft): Promise<void> {
    const base = this.current();
    if (base !== undefined && !this.#mayMove && movesEvent(draft, base)) {
      const now = await this.#admin.currentEvent(base.id);
      if (now.statistics.tickets_sold > 0) {
        this.moveDialog().open(now);
        return;
      }
    }
    const input = inputOf(draft, base);
    const event =
      base === undefined
        ? await this.#events.create(input, this.#creationKeys.keyOf(input))
        : await this.#events.save(base, input, base.status);
    this.#isSaved.set(true);
    this.saved.emit(event);
  }

  /** An edit that came second shows both versions instead of a problem. */
  async #refused(problem: Problem): Promise<Problem | null> {
    const base = this.current();
    if (problem.type !== '/problems/edited-meanwhile' || base === undefined) return problem;
    try {
      this.editor.set((await this.#admin.lastEditor(base.id)) ?? 'Somebody else');
      this.theirs.set(await this.#admin.currentEvent(base.id));
      return null;
    } catch (error) {
      return toProblem(error);
    }
  }
}
