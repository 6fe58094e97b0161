import {
  Component,
  computed,
  effect,
  ElementRef,
  inject,
  input,
  linkedSignal,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { AdminClient } from '../../api/admin-client';
import { EventsClient } from '../../api/events-client';
import { loaded } from '../../api/loaded';
import { Problem, toProblem } from '../../api/problem';
import { EventDetails } from '../../api/shapes';
import { StatusTag } from '../../events/status-tag';
import { countOf } from '../../formats/count';
import { isolated } from '../../formats/isolated';
import { shortMoment } from '../../formats/moment';
import { UTC } from '../../formats/venue-clock';
import { Refusal } from '../../session/refusal';
import { PageTitle } from '../../shell/page-title';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { LoadedPage } from '../../ui/loaded-page';
import { CreationKeys } from '../event-form/creation-keys';
import { WallTime, wallTimeAt } from '../event-form/wall-time';
import { PublishButton } from '../publish-button';
import { everyWeek, MOST_COPIES, withDates } from './copy-dates';
import { onNextRender } from '../../ui/on-next-render';

/** Copies an event to one date or many, as drafts, and publishes them. */
@Component({
  selector: 'mq-event-copies-page',
  imports: [IsolatedPipe, LoadedPage, PublishButton, Refusal, RouterLink, StatusTag],
  templateUrl: './event-copies-page.html',
  styleUrl: './event-copies-page.css',
})
export class EventCopiesPage {
  readonly id = input.required<string>();

  readonly #onNextRender = onNextRender();
  private readonly list = viewChild<ElementRef<HTMLElement>>('list');
  readonly #events = inject(EventsClient);
  readonly #keys = new CreationKeys();
  protected readonly loaded = loaded(inject(AdminClient).findEvent(this.id), this.id);
  protected readonly event = this.loaded.value;
  /** A week after the event itself, on the same clock. */
  protected readonly first = linkedSignal<WallTime>(() => {
    const event = this.event();
    return event === undefined ? '' : (everyWeek(wallTimeAt(event.date_time, event), 2)[1] ?? '');
  });
  protected readonly weeks = signal(1);
  protected readonly dates = signal<readonly WallTime[]>([]);
  protected readonly copies = signal<readonly EventDetails[]>([]);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly rows = computed(() =>
    this.dates().map((date) => ({ date, words: shortMoment(`${date}:00Z`, UTC) })),
  );
  protected readonly drafts = computed(() =>
    this.copies().filter(({ status }) => status === 'draft'),
  );
  protected readonly action = computed(() =>
    this.busy() ? 'Duplicating …' : `Create ${countOf(this.dates().length, 'draft')}`,
  );
  protected readonly when = (event: EventDetails) => shortMoment(event.date_time, event);

  constructor() {
    const title = inject(PageTitle);
    effect(() => {
      const event = this.event();
      if (event !== undefined) title.set(`Duplicate: ${isolated(event.title)}`);
      else if (this.loaded.missing()) title.set('No such event');
    });
  }

  protected add(): void {
    if (this.first() === '') return;
    const weeks = Math.min(Math.max(Math.trunc(this.weeks()) || 1, 1), MOST_COPIES);
    const dates = withDates(this.dates(), everyWeek(this.first(), weeks));
    this.dates.set(dates.slice(0, MOST_COPIES));
  }

  protected remove(date: WallTime): void {
    this.dates.update((dates) => dates.filter((other) => other !== date));
    this.#focusList();
  }

  protected async copy(event: EventDetails): Promise<void> {
    if (this.busy() || this.dates().length === 0) return;
    this.busy.set(true);
    this.problem.set(null);
    const dates = this.dates().map((date) => `${date}:00`);
    try {
      const key = this.#keys.keyOf({ event: event.id, dates });
      this.copies.set(await this.#events.copy(event.id, dates, key));
      this.#focusList();
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected show(published: EventDetails): void {
    this.copies.update((copies) =>
      copies.map((copy) => (copy.id === published.id ? published : copy)),
    );
    if (this.drafts().length === 0) this.#focusList();
  }

  /** The button that was pressed is gone: the keyboard goes on from the list. */
  #focusList(): void {
    this.#onNextRender(() => this.list()?.nativeElement.focus());
  }
}
