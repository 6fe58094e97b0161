import { sampleEvent } from '../../../testing/samples';
import { CreationKeys } from './creation-keys';
import { draftOf, inputOf } from './event-draft';

const EVENT = inputOf(draftOf(sampleEvent));

describe('the idempotency key of a new event', () => {
  it('stays while the same event is asked for, and only then', () => {
    const keys = new CreationKeys();
    const first = keys.keyOf(EVENT);

    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(keys.keyOf({ ...EVENT, capacity: 6 })).not.toBe(first);
    expect(keys.keyOf({ ...EVENT })).toBe(first);
    expect(new CreationKeys().keyOf(EVENT)).not.toBe(first);
  });
});
