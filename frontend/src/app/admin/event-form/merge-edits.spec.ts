import { sampleEvent } from '../../../testing/samples';
import { draftOf } from './event-draft';
import { differences, firstChoice, merged } from './merge-edits';

describe('two people editing one event', () => {
  const base = draftOf(sampleEvent);
  const mine = { ...base, title: 'My title', price: '30.00' };
  const theirs = { ...base, title: 'Their title', venue: 'Their venue' };
  const found = differences(base, mine, theirs);

  it('names what differs and who changed it', () => {
    expect(found.map(({ field, changedBy }) => [field, changedBy])).toEqual([
      ['title', 'both'],
      ['venue', 'them'],
      ['price', 'me'],
    ]);
  });

  it('has nothing to name when both changed the same to the same', () => {
    expect(differences(base, mine, mine)).toEqual([]);
  });

  it('begins with everybody’s own changes, so that nothing is lost', () => {
    const choices = new Map(found.map((item) => [item.field, firstChoice(item)]));
    expect(merged(mine, theirs, choices)).toEqual({
      ...base,
      title: 'My title',
      venue: 'Their venue',
      price: '30.00',
    });
  });

  it('takes theirs where theirs is chosen', () => {
    expect(merged(mine, theirs, new Map([['title', 'theirs']])).title).toBe('Their title');
  });
});
