import { computed, linkedSignal, Resource, Signal } from '@angular/core';

/**
 * A resource's value that survives reloads and failed reloads: what a person is reading must not
 * vanish because a later request failed. It is forgotten when `key` changes.
 */
export function lastValue<T>(
  resource: Resource<T | undefined>,
  key: () => unknown,
): Signal<T | undefined> {
  const state = linkedSignal<
    { key: unknown; value: T | undefined },
    { key: unknown; value: T | undefined }
  >({
    source: () => ({
      key: key(),
      value: resource.hasValue() ? (resource.value() as T) : undefined,
    }),
    computation: (now, previous) =>
      now.value === undefined && previous !== undefined && previous.value.key === now.key
        ? previous.value
        : now,
  });
  return computed(() => state().value);
}
