import { problem, showPage } from '../../../testing/page';
import { sampleToken } from '../../../testing/samples';
import { NewTokenPage } from './new-token-page';

describe('NewTokenPage', () => {
  function open() {
    const page = showPage(NewTokenPage);
    page.backend
      .expectOne(({ url }) => url === '/api/admin/events')
      .flush({ items: [], next_cursor: null });
    const field = page.screen.getByLabelText<HTMLInputElement>('Name');
    field.value = 'Till';
    field.dispatchEvent(new Event('input'));
    page.screen.getByLabelText<HTMLInputElement>(/Reports/).click();
    const make = async () => {
      page.screen.getByRole('button', { name: 'Make token' }).click();
      await page.settled();
    };
    return { ...page, make };
  }

  it('makes a token and shows its secret', async () => {
    const { backend, screen, settled, make } = open();
    await make();
    const sent = backend.expectOne('/api/tokens');
    expect(sent.request.body).toMatchObject({ name: 'Till', scopes: ['reports'], event_id: null });
    expect(sent.request.body.expires_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    sent.flush({ ...sampleToken, secret: 'mqt_abc' });
    await settled();
    expect(screen.getByLabelText<HTMLInputElement>('The new secret').value).toBe('mqt_abc');
  });

  it('says beside the event what the server says of it', async () => {
    const { backend, screen, settled, make } = open();
    await make();
    const errors = [{ in: 'body', pointer: '/event_id', detail: 'There is no such event.' }];
    backend
      .expectOne('/api/tokens')
      .flush(problem('validation', 422, { errors }), { status: 422, statusText: '' });
    await settled();
    expect(screen.getByText('There is no such event.')).toBeTruthy();
  });
});
