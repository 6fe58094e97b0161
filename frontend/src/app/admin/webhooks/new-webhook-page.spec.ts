import { showPage } from '../../../testing/page';
import { sampleWebhook } from '../../../testing/samples';
import { NewWebhookPage } from './new-webhook-page';

describe('NewWebhookPage', () => {
  it('creates a webhook for everything but messages to customers, and shows its secret', async () => {
    const { backend, screen, settled } = showPage(NewWebhookPage);
    backend
      .expectOne(({ url }) => url === '/api/admin/events')
      .flush({ items: [], next_cursor: null });
    const create = async () => {
      screen.getByRole('button', { name: 'Create webhook' }).click();
      await settled();
    };
    await create();
    expect(screen.getByText('Enter the address of the receiver.')).toBeTruthy();
    const field = screen.getByLabelText<HTMLInputElement>('Address');
    field.value = 'https://hooks.example.org/marquee';
    field.dispatchEvent(new Event('input'));
    await create();
    const lost = backend.expectOne('/api/webhooks');
    lost.error(new ProgressEvent('error'));
    await settled();
    await create();
    const sent = backend.expectOne('/api/webhooks');
    const key = sent.request.headers.get('Idempotency-Key');
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(lost.request.headers.get('Idempotency-Key')).toBe(key);
    expect(sent.request.body).toEqual({
      url: 'https://hooks.example.org/marquee',
      types: [],
      event_id: null,
    });
    sent.flush({ ...sampleWebhook, secret: 'whsec_abc' });
    await settled();
    expect(screen.getByLabelText<HTMLInputElement>('The new secret').value).toBe('whsec_abc');
    expect(screen.getByText(/It is not shown again/)).toBeTruthy();
  });
});
