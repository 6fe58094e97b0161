import { ResourceRef, Signal, computed } from '@angular/core';
import { lastValue } from './last-value';
import { Problem, toProblem } from './problem';

/** The one thing a page shows, or why there is nothing to show. */
export interface Loaded<T> {
  /** The last answer, as long as `key` stays the same. */
  readonly value: Signal<T | undefined>;
  /** Why there is no value; null while there is one, even if a later request fails. */
  readonly problem: Signal<Problem | null>;
  /** The API knows nothing under this address. */
  readonly missing: Signal<boolean>;
  reload(): void;
  /** Puts a newer value in the place of the last answer. */
  set(value: T): void;
}

/** 422 is the answer to an id that can belong to nothing, such as a word. */
const MISSING = [404, 422];

/** Follows a resource; what it answered is forgotten when `key` changes. */
export function loaded<T>(resource: ResourceRef<T | undefined>, key: () => unknown): Loaded<T> {
  const value = lastValue<T>(resource, key);
  const problem = computed(() => {
    const error = resource.error();
    return error === undefined || value() !== undefined ? null : toProblem(error);
  });
  return {
    value,
    problem,
    missing: computed(() => MISSING.includes(problem()?.status ?? 0)),
    reload: () => resource.reload(),
    set: (newer) => resource.set(newer),
  };
}
