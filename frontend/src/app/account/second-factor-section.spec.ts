import { fireEvent } from '@testing-library/dom';
import { problem, showPage, signInAs } from '../../testing/page';
import { sampleUser } from '../../testing/samples';
import { SecondFactorSection } from './second-factor-section';

const URL = '/api/account/second-factor';
const CODES = ['4F7K-Q2MX', '9B0T-4F7K'];

describe('SecondFactorSection', () => {
  beforeEach(() => {
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLDialogElement.prototype.close = vi.fn();
  });

  async function show(since: string | null, recovery_codes = 0) {
    const page = showPage(SecondFactorSection);
    await signInAs(page, sampleUser);
    const answerState = async (state: object) => {
      page.backend.expectOne({ method: 'GET', url: URL }).flush(state);
      await page.settled();
      await page.settled();
    };
    await answerState({ since, recovery_codes, required: false });
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    return { ...page, press, answerState };
  }

  it('is set up with a QR code and a first code, and shows the recovery codes once', async () => {
    const { backend, screen, settled, press, answerState } = await show(null);
    await press('Set it up');
    backend
      .expectOne({ method: 'POST', url: URL })
      .flush({ secret: 'JBSWY3DPEHPK3PXP', address: 'otpauth://totp/a' });
    await settled();
    expect(screen.getByRole('img', { name: /QR code/ })).toBeTruthy();
    expect(screen.getByText('JBSW Y3DP EHPK 3PXP')).toBeTruthy();
    fireEvent.input(screen.getByLabelText('Code of the app'), { target: { value: '042317' } });
    await press('Turn it on');
    backend
      .expectOne({ method: 'PUT', url: URL })
      .flush(problem('second-factor-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await settled();
    expect(screen.getByText('Detail of second-factor-wrong.')).toBeTruthy();
    fireEvent.input(screen.getByLabelText('Code of the app'), { target: { value: '042318' } });
    await press('Turn it on');
    const sent = backend.expectOne({ method: 'PUT', url: URL });
    expect(sent.request.body).toEqual({ code: '042318' });
    sent.flush({ recovery_codes: CODES });
    await settled();
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(CODES);
    await answerState({ since: '2026-11-22T10:00:00Z', recovery_codes: 10, required: false });
    await press('I have kept them');
    backend.expectOne('/api/sessions/current');
    expect(screen.queryByText('4F7K-Q2MX')).toBeNull();
    expect(screen.getByText(/10 recovery codes left/)).toBeTruthy();
  });

  it('gives new recovery codes', async () => {
    const { backend, screen, settled, press } = await show('2026-11-22T10:00:00Z');
    expect(screen.getByText(/No recovery codes are left/)).toBeTruthy();
    await press('Make new recovery codes');
    await press('Make new codes');
    backend
      .expectOne({ method: 'POST', url: '/api/account/recovery-codes' })
      .flush({ recovery_codes: CODES });
    await settled();
    expect(screen.getByText('9B0T-4F7K')).toBeTruthy();
  });

  it('is turned off after a question', async () => {
    const { backend, screen, settled, answerState } = await show('2026-11-22T10:00:00Z', 3);
    screen.getAllByRole('button', { name: 'Turn it off' })[0]?.click();
    await settled();
    screen.getAllByRole('button', { name: 'Turn it off' })[1]?.click();
    await settled();
    backend.expectOne({ method: 'DELETE', url: URL }).flush(null);
    await settled();
    await answerState({ since: null, recovery_codes: 0, required: false });
    expect(screen.getByText('The second factor is off.')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Set it up' })).toBeTruthy();
  });
});
