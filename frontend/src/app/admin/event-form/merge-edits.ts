import { DRAFT_FIELDS, DraftField, EventDraft } from './event-draft';

export type Side = 'mine' | 'theirs';

/** A field that two people left with different content. */
export interface Difference {
  field: DraftField;
  words: string;
  mine: string;
  theirs: string;
  /** Who changed it, compared with what both started from. */
  changedBy: 'me' | 'them' | 'both';
}

/**
 * Where my version and the one saved meanwhile differ. Nothing is decided here but who changed
 * what; what only one of us changed needs no thought, and is only shown.
 */
export function differences(base: EventDraft, mine: EventDraft, theirs: EventDraft): Difference[] {
  return DRAFT_FIELDS.filter(({ field }) => mine[field] !== theirs[field]).map(
    ({ field, words }) => ({
      field,
      words,
      mine: mine[field],
      theirs: theirs[field],
      changedBy:
        mine[field] === base[field] ? 'them' : theirs[field] === base[field] ? 'me' : 'both',
    }),
  );
}

/** The first proposal: the changes of both, and mine where both changed the same field. */
export function firstChoice({ changedBy }: Difference): Side {
  return changedBy === 'them' ? 'theirs' : 'mine';
}

/** The saved version with my side of the chosen fields. */
export function merged(
  mine: EventDraft,
  theirs: EventDraft,
  choices: ReadonlyMap<DraftField, Side>,
): EventDraft {
  const draft = { ...theirs };
  for (const [field, side] of choices) {
    if (side === 'mine') draft[field] = mine[field];
  }
  return draft;
}
