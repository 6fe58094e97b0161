import {
  afterNextRender,
  Component,
  computed,
  ElementRef,
  input,
  linkedSignal,
  output,
  viewChild,
} from '@angular/core';
import { AdminEvent } from '../../api/admin-shapes';
import { countOf } from '../../formats/count';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { Poster } from '../../ui/poster';
import { DraftField, draftOf, EventDraft, plainPrice } from './event-draft';
import { Difference, differences, firstChoice, merged, Side } from './merge-edits';

/** Somebody else edited first: both versions field by field, and a choice for each. */
@Component({
  selector: 'mq-edit-conflict',
  imports: [IsolatedPipe, Poster],
  templateUrl: './edit-conflict.html',
  styleUrl: './edit-conflict.css',
})
export class EditConflict {
  /** The version that both edits are based on. */
  readonly base = input.required<AdminEvent>();
  readonly mine = input.required<EventDraft>();
  readonly theirs = input.required<AdminEvent>();
  /** How many decimals the currency has. */
  readonly decimals = input.required<number>();
  /** The name of the admin who saved first. */
  readonly editor = input.required<string>();
  readonly settled = output<EventDraft>();

  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');
  /** “13,00” and “13.00” are the same price. */
  readonly #myDraft = computed(() => ({
    ...this.mine(),
    price: plainPrice(this.mine().price, this.decimals()),
  }));
  readonly #theirDraft = computed(() => draftOf(this.theirs()));
  protected readonly ended = computed(() => this.theirs().status !== 'active');
  protected readonly found = computed(() =>
    differences(draftOf(this.base()), this.#myDraft(), this.#theirDraft()).map((difference) => ({
      ...difference,
      note: noteOn(difference),
      sides: [
        { side: 'mine' as const, words: 'Yours', value: shown(difference.mine) },
        {
          side: 'theirs' as const,
          words: `Saved by ${this.editor()}`,
          value: shown(difference.theirs),
        },
      ],
    })),
  );
  protected readonly choices = linkedSignal<ReadonlyMap<DraftField, Side>>(
    () => new Map(this.found().map((item) => [item.field, firstChoice(item)])),
  );
  protected readonly count = computed(() => countOf(this.found().length, 'field'));

  constructor() {
    // The button that was pressed is hidden now; the keyboard goes on where the answer is.
    afterNextRender(() => this.heading().nativeElement.focus());
  }

  protected choose(field: DraftField, side: Side): void {
    this.choices.update((choices) => new Map(choices).set(field, side));
  }

  protected chooseAll(side: Side): void {
    this.choices.set(new Map(this.found().map(({ field }) => [field, side])));
  }

  protected settle(): void {
    this.settled.emit(merged(this.#myDraft(), this.#theirDraft(), this.choices()));
  }
}

function shown(value: string): string {
  if (value === '') return '(empty)';
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) ? value.replace('T', ', ') : value;
}

function noteOn({ changedBy }: Difference): string {
  switch (changedBy) {
    case 'me':
      return 'Only you changed it.';
    case 'them':
      return 'Only they changed it.';
    case 'both':
      return 'Both of you changed it.';
  }
}
