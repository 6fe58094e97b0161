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
import { ServerClock } from '../../api/server-clock';
import { EventDetails } from '../../api/shapes';
import { submitting } from '../../api/submitting';
import { EventCard } from '../../events/list/event-card';
import { countOf } from '../../formats/count';
import { longMoment, readerMoment } from '../../formats/moment';
import { decimalsOf, formatPrice } from '../../formats/money';
import { Refusal } from '../../session/refusal';
import { Poster } from '../../ui/poster';
import { newPosterSeed } from '../../ui/poster-art';
import { TextField } from '../../ui/text-field';
import { LeaveDialog } from '../leave-dialog';
import { CreationKeys } from './creation-keys';
import { EditConflict } from './edit-conflict';
import {
  changesForGuests,
  clockOf,
  decimal,
  draftOf,
  emptyDraft,
  EventDraft,
  inputOf,
  previewOf,
} from './event-draft';
import { eventRules } from './event-rules';
import { TellDialog } from './tell-dialog';
import { ownZone, zoneGroups } from './time-zones';
import { momentsOf, wallTimeKind } from './wall-time';

const FIELD_OF_PROBLEM = {
  '/problems/capacity-below-sold': 'capacity',
  '/problems/date-time-in-past': 'date_time',
} as const;

/** An event as it is written or edited, with the card customers will see beside it. */
@Component({
  selector: 'mq-event-form',
  imports: [
    EditConflict,
    EventCard,
    FormField,
    FormRoot,
    LeaveDialog,
    Poster,
    Refusal,
    TellDialog,
    TextField,
  ],
  templateUrl: './event-form.html',
  styleUrl: './event-form.css',
})
export class EventForm {
  /** The event to edit; none for a new one. */
  readonly base = input<AdminEvent>();
  readonly saved = output<EventDetails>();

  readonly #events = inject(EventsClient);
  readonly #clock = inject(ServerClock);
  readonly #admin = inject(AdminClient);
  readonly #config = inject(ConfigClient).find();
  private readonly leaving = viewChild.required(LeaveDialog);
  private readonly tellDialog = viewChild.required(TellDialog);
  readonly #creationKeys = new CreationKeys();
  private readonly notices = viewChild.required<ElementRef<HTMLElement>>('notices');

  /** The version that the form edits; a later one once a conflict is resolved. */
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
  /** How many the currency has; the price of an event shows it before the answer is there. */
  protected readonly decimals = computed(() =>
    this.#config.hasValue()
      ? this.#config.value().currency_decimals
      : decimalsOf(this.current()?.price ?? '0.00'),
  );
  protected readonly form = form(
    this.draft,
    (path) => {
      eventRules(
        path,
        () => this.current(),
        this.decimals,
        () => this.#clock.now(),
      );
    },
    { submission: this.sending.submission },
  );

  protected readonly categories = this.#events.findCategories();
  protected readonly zones = computed(() => zoneGroups([this.current()?.time_zone ?? 'UTC']));
  protected readonly currency = computed(
    () =>
      this.current()?.currency ?? (this.#config.hasValue() ? this.#config.value().currency : 'EUR'),
  );
  protected readonly preview = computed(() =>
    previewOf(
      this.draft(),
      { currency: this.currency(), decimals: this.decimals() },
      this.current(),
    ),
  );
  protected readonly descriptionInvalid = computed(() => {
    const state = this.form.description();
    return (state.touched() || state.dirty()) && state.invalid();
  });
  /** The chosen time in words. When clocks go back, a time may occur twice. */
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
  protected readonly customerHint = computed(() =>
    (this.current()?.statistics.bookings ?? 0) === 0
      ? 'In all their bookings together. If empty: any number.'
      : 'In all their bookings together. If empty: any number. Existing bookings stay as they are.',
  );
  protected readonly saleHints = computed(() => {
    const draft = this.draft();
    const clock = clockOf(draft.time_zone, this.current());
    const words = (wallTime: string, otherwise: string) => {
      const [moment] = momentsOf(wallTime, clock);
      return moment === undefined ? otherwise : longMoment(new Date(moment).toISOString(), clock);
    };
    return {
      starts: words(draft.sale_starts_at, 'If empty: as soon as it is published.'),
      ends: words(draft.sale_ends_at, 'If empty: until it starts.'),
    };
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
  protected readonly posterHint = computed(() =>
    this.form.poster_seed().dirty()
      ? 'Another one. It is kept when you save.'
      : 'The same on every page. A new title does not change it.',
  );
  protected readonly unpublished = computed(() => (this.current()?.status ?? 'draft') === 'draft');
  protected readonly action = computed(() => {
    if (this.form().submitting()) return 'Saving …';
    return this.unpublished() ? 'Publish' : 'Save changes';
  });

  #asDraft = false;
  #mayTell = false;
  readonly #isSaved = signal(false);
  protected readonly holdsUnsaved = computed(() => this.form().dirty() && !this.#isSaved());

  constructor() {
    afterRenderEffect(() => {
      // A conflict takes the focus, and scrolls there itself.
      if (this.sending.problem() === null || this.theirs() !== null) return;
      this.notices().nativeElement.scrollIntoView({ block: 'start' });
    });
  }

  protected drawAnother(): void {
    const seed = this.form.poster_seed();
    seed.value.set(String(newPosterSeed()));
    seed.markAsDirty();
  }

  /** Asks before what was typed and not saved is lost. */
  mayLeave(): boolean | Promise<boolean> {
    return !this.holdsUnsaved() || this.leaving().ask();
  }

  /** Saves the merged draft, as an edit of the version that the other admin saved. */
  protected async settle(draft: EventDraft): Promise<void> {
    this.current.set(this.theirs() ?? undefined);
    this.theirs.set(null);
    this.draft.set(draft);
    await submit(this.form);
  }

  /** The dialog has shown whom the edit concerns, and was answered with yes. */
  protected readonly saveAndTell = async (): Promise<void> => {
    this.#mayTell = true;
    try {
      await submit(this.form);
    } finally {
      this.#mayTell = false;
    }
  };

  protected async saveDraft(): Promise<void> {
    if (this.form().submitting()) return;
    this.#asDraft = true;
    try {
      await submit(this.form);
    } finally {
      this.#asDraft = false;
    }
  }

  async #save(draft: EventDraft): Promise<void> {
    const base = this.current();
    const status = this.#asDraft ? 'draft' : 'active';
    const input = inputOf(draft, base);
    if (base !== undefined && !this.#mayTell && changesForGuests(draft, base)) {
      const preview = await this.#events.preview(base.id, input, status);
      if (preview.people > 0) {
        const clock = clockOf(draft.time_zone, base);
        this.tellDialog().open({ preview, eventId: base.id, clock });
        return;
      }
    }
    const event =
      base === undefined
        ? await this.#create({ ...input, status })
        : await this.#events.save(base, input, status);
    this.#isSaved.set(true);
    this.saved.emit(event);
  }

  #create(event: Parameters<EventsClient['create']>[0]): Promise<EventDetails> {
    return this.#events.create(event, this.#creationKeys.keyOf(event));
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
