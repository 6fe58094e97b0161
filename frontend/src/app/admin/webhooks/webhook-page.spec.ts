import { inputBinding } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { problem, showPage } from '../../../testing/page';
import { sampleDelivery, sampleWebhook } from '../../../testing/samples';
import { WebhookPage } from './webhook-page';

describe('WebhookPage', () => {
  const at = '2026-11-22T10:00:00Z';

  beforeEach(() => {
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
  });

  async function show(given: object = {}) {
    const page = showPage(WebhookPage, [inputBinding('id', () => '3')]);
    page.backend.expectOne('/api/webhooks/3').flush({ ...sampleWebhook, ...given });
    await page.settled();
    page.backend
      .expectOne('/api/webhooks/3/deliveries?failing=false')
      .flush({ items: [sampleDelivery], next_cursor: null });
    await page.settled();
    page.backend
      .expectOne(({ url }) => url === '/api/admin/events')
      .flush({ items: [], next_cursor: null });
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    return { ...page, press };
  }

  it('shows the state and the last answers', async () => {
    const { screen } = await show({ failing_since: at });
    expect(screen.getByText(/Failing since/)).toBeTruthy();
    expect(screen.getByRole('cell', { name: /A booking is made/ })).toBeTruthy();
    expect(screen.getByText('Status 204')).toBeTruthy();
  });

  it('sends a test and says what came of it', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout'] });
    try {
      const { backend, screen, fixture } = await settleWithFakeTimers();
      screen.getByRole('button', { name: 'Send a test' }).click();
      backend.expectOne('/api/webhooks/3/test').flush({ ...sampleDelivery, id: 50 });
      await vi.advanceTimersByTimeAsync(1000);
      const failed = {
        ...sampleDelivery,
        id: 50,
        delivered_at: null,
        given_up_at: at,
        last_error: 'The receiver answered 500.',
      };
      backend
        .expectOne('/api/webhooks/3/deliveries?limit=100')
        .flush({ items: [failed], next_cursor: null });
      await vi.advanceTimersByTimeAsync(0);
      fixture.detectChanges();
      expect(screen.getByText('The test failed')).toBeTruthy();
      expect(screen.getByText('The receiver answered 500.')).toBeTruthy();
    } finally {
      vi.useRealTimers();
    }

    async function settleWithFakeTimers() {
      const page = showPage(WebhookPage, [inputBinding('id', () => '3')]);
      page.backend.expectOne('/api/webhooks/3').flush(sampleWebhook);
      await vi.advanceTimersByTimeAsync(0);
      page.fixture.detectChanges();
      return page;
    }
  });

  it('shows a new secret once', async () => {
    const { backend, screen, settled, press } = await show();
    await press('Make a new secret …');
    await press('Make a new secret');
    const secret = 'whsec_Eb9l6WlSJLkWWvqYiC0MNMh6VXqYCz4sTkIQJ0+D4nA=';
    backend
      .expectOne('/api/webhooks/3/secret')
      .flush({ ...sampleWebhook, previous_until: at, secret });
    await settled();
    expect(screen.getByLabelText<HTMLInputElement>('The new secret').value).toBe(secret);
    expect(screen.getByText(/signs as well until/)).toBeTruthy();
  });

  it('sends messages since a time again, and reports a time that is not valid', async () => {
    const { backend, screen, settled, press } = await show();
    await press('Send again');
    expect(screen.getByText('Enter a day and a time.')).toBeTruthy();
    const field = screen.getByLabelText<HTMLInputElement>('Send again since');
    field.value = '2026-01-02T03:04';
    field.dispatchEvent(new Event('input'));
    await press('Send again');
    const sent = backend.expectOne('/api/webhooks/3/replay');
    expect(sent.request.body).toEqual({
      from: new Date('2026-01-02T03:04').toISOString().replace('.000Z', 'Z'),
    });
    sent.flush({ messages: 2 });
    await settled();
    expect(screen.getByText('2 messages are sent again now.')).toBeTruthy();
  });

  it('asks for at least one fact, and puts a refusal beside its field', async () => {
    const { backend, screen, settled, press } = await show();
    screen.getByLabelText('Only these facts').click();
    await settled();
    await press('Save changes');
    expect(screen.getByText('Choose at least one fact.')).toBeTruthy();
    screen.getByLabelText('A booking is made').click();
    await settled();
    await press('Save changes');
    const saved = backend.expectOne('/api/webhooks/3');
    expect(saved.request.body).toEqual({
      url: sampleWebhook.url,
      types: ['booking.confirmed'],
      event_id: null,
      enabled: true,
    });
    const errors = [{ in: 'body', pointer: '/url', detail: 'must not be a private network' }];
    saved.flush(problem('validation', 422, { errors }), { status: 422, statusText: 'No' });
    await settled();
    expect(screen.getByText('must not be a private network')).toBeTruthy();
  });

  it('enables a webhook whose receiver was gone', async () => {
    const { backend, screen, settled, press } = await show({ disabled_at: at, gone_at: at });
    expect(screen.getByText(/410 Gone/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Send a test' })).toBeNull();
    await press('Enable it');
    const saved = backend.expectOne('/api/webhooks/3');
    expect(saved.request.body).toMatchObject({ enabled: true });
    saved.flush(sampleWebhook);
    await settled();
    expect(screen.getByText('Working')).toBeTruthy();
  });

  it('asks before it deletes', async () => {
    const { backend, screen, settled, press } = await show();
    await press('Delete webhook …');
    expect(screen.getByText('Delete the webhook for hooks.example.org?')).toBeTruthy();
    await press('Delete webhook');
    const sent = backend.expectOne('/api/webhooks/3');
    expect(sent.request.method).toBe('DELETE');
    const navigate = vi.spyOn(TestBed.inject(Router), 'navigate').mockResolvedValue(true);
    sent.flush(null);
    await settled();
    expect(navigate).toHaveBeenCalledWith(['/admin/webhooks'], { replaceUrl: true });
  });
});
