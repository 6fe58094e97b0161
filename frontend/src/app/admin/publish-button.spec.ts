import { inputBinding, outputBinding } from '@angular/core';
import { problem, showPage } from '../../testing/page';
import { sampleEvent } from '../../testing/samples';
import { EventDetails } from '../api/shapes';
import { PublishButton } from './publish-button';

describe('PublishButton', () => {
  const drafts: EventDetails[] = [7, 8].map((id) => ({ ...sampleEvent, id, status: 'draft' }));

  function show(events: EventDetails[]) {
    const published: number[] = [];
    const page = showPage(PublishButton, [
      inputBinding('events', () => events),
      outputBinding<EventDetails>('published', (event) => published.push(event.id)),
    ]);
    return { ...page, published };
  }

  it('publishes one after another the version that was shown', async () => {
    const { backend, screen, settled, published } = show(drafts);
    screen.getByRole('button', { name: 'Publish all' }).click();
    for (const draft of drafts) {
      const saved = backend.expectOne(`/api/events/${draft.id}`);
      expect(saved.request.body).toMatchObject({ status: 'active', title: draft.title });
      expect(saved.request.headers.get('If-Match')).toBe(`"${draft.version}"`);
      saved.flush({ ...draft, status: 'active' });
      await settled();
    }
    expect(published).toEqual([7, 8]);
  });

  it('stops at a draft that is refused, and says why', async () => {
    const { backend, screen, settled, published } = show(drafts);
    screen.getByRole('button', { name: 'Publish all' }).click();
    const refusal = problem('date-time-in-past', 422);
    backend.expectOne('/api/events/7').flush(refusal, { status: 422, statusText: 'Refused' });
    await settled();
    expect(screen.getByRole('alert').textContent).toContain('Detail of date-time-in-past.');
    expect(published).toEqual([]);
    backend.expectNone('/api/events/8');
  });
});
