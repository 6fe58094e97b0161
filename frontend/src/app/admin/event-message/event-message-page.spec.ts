import { inputBinding } from '@angular/core';
import { problem, showPage } from '../../../testing/page';
import { sampleEvent } from '../../../testing/samples';
import { EventMessagePage } from './event-message-page';

const statistics = { bookings: 2, tickets_sold: 3, tickets_checked_in: 0, revenue: '75.00' };
const URL = '/api/events/7/messages';
const sent = {
  id: 1,
  text: 'Bring a coat.',
  people: 2,
  at: '2026-11-22T10:00:00Z',
  actor_id: 5,
  actor_name: 'Theo',
};

describe('EventMessagePage', () => {
  beforeEach(() => {
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
      this.dispatchEvent(new Event('close'));
    };
  });

  async function write(text: string) {
    const page = showPage(EventMessagePage, [inputBinding('id', () => '7')]);
    page.backend.expectOne('/api/admin/events/7').flush({ ...sampleEvent, statistics });
    page.backend.expectOne(URL).flush({ items: [], next_cursor: null });
    await page.settled();
    const field = page.screen.getByLabelText<HTMLTextAreaElement>('Message');
    field.value = text;
    field.dispatchEvent(new Event('input'));
    await page.settled();
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    await press('Preview');
    return { ...page, press, field };
  }

  async function preview(text: string, people = 2) {
    const page = await write(text);
    const answer = { text: `Jazz am Kanal: ${text}`, people, tickets: 3 };
    page.backend.expectOne(`${URL}/preview`).flush(answer);
    await page.settled();
    // The other one asks before the page is left.
    const [dialog] = page.screen.getAllByRole<HTMLDialogElement>('dialog') as [HTMLDialogElement];
    return { ...page, dialog };
  }

  it('shows what guests will read and how many they are, and sends nothing yet', async () => {
    const { backend, dialog } = await preview('Bring a coat.');
    expect(dialog.open).toBe(true);
    expect(dialog.textContent).toContain('It reaches 2 people with 3 tickets');
    expect(dialog.textContent).toContain('Jazz am Kanal: Bring a coat.');
    backend.expectNone(URL);
  });

  it('asks before a message that was not sent is lost', async () => {
    const { screen, settled, fixture, press } = await preview('Bring a coat.');
    await press('Keep writing');
    const answer = fixture.componentInstance.mayLeave();
    await settled();
    const asking = screen.getByRole<HTMLDialogElement>('dialog', { name: /^Leave without/ });
    expect(asking.open).toBe(true);
    await press('Stay here');
    expect(await answer).toBe(false);
  });

  it('sends one message when the button is pressed several times or a request is repeated', async () => {
    const { backend, screen, settled, press, field, dialog } = await preview('Bring a coat.');
    await press('Send');
    const first = backend.expectOne(URL);
    screen.getByRole('button', { name: 'One moment …' }).click();
    await settled();
    backend.expectNone(URL);
    first.flush(problem('busy', 503), { status: 503, statusText: 'Busy' });
    await settled();
    await press('Send');
    const again = backend.expectOne(URL);
    const key = (request: typeof first) => request.request.headers.get('Idempotency-Key');
    expect(key(again)).toBe(key(first));
    again.flush(sent);
    await settled();

    expect(dialog.open).toBe(false);
    expect(field.value).toBe('');
    expect(screen.getByText('The message was sent to 2 people.')).toBeTruthy();
    backend.expectOne(URL).flush({ items: [sent], next_cursor: null });
    await settled();
    expect(screen.getByText(/Theo,/).textContent).toContain('to 2 people');
  });

  it('sends nothing when nobody would read it', async () => {
    const { screen, dialog } = await preview('Bring a coat.', 0);
    expect(dialog.open).toBeFalsy();
    expect(screen.getByText('Nobody has booked this event: nothing is sent.')).toBeTruthy();
  });

  it.each([
    ['', 'Write what the guests should know.'],
    [' ', 'Write what the guests should know.'],
    ['x'.repeat(1001), 'Use at most 1,000 characters; these are 1,001.'],
  ])('shows the error beside the field', async (text, error) => {
    const { backend, screen } = await write(text);
    expect(screen.getByText(error)).toBeTruthy();
    backend.expectNone(`${URL}/preview`);
  });
});
