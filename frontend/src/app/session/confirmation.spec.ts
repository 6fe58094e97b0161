import { Component, inject } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { problem, showPage } from '../../testing/page';
import { Problem, toProblem } from '../api/problem';
import { SessionsClient } from '../api/sessions-client';
import { ConfirmDialog } from './confirm-dialog';
import { Confirmation } from './confirmation';

/** As the application holds the dialog, with something to press. */
@Component({
  imports: [ConfirmDialog],
  template: `
    <button type="button" (click)="press()">End it</button>
    @if (confirmation.asked()) {
      <mq-confirm-dialog />
    }
  `,
})
class Page {
  protected readonly confirmation = inject(Confirmation);
  readonly #sessions = inject(SessionsClient);
  readonly done: (Problem | null)[] = [];

  protected async press(): Promise<void> {
    try {
      await this.#sessions.end(7);
      this.done.push(null);
    } catch (error) {
      this.done.push(toProblem(error));
    }
  }
}

describe('Confirmation', () => {
  beforeEach(() => {
    // jsdom has no modal dialogs.
    HTMLDialogElement.prototype.showModal = vi.fn();
    HTMLDialogElement.prototype.close = function () {
      this.dispatchEvent(new Event('close'));
    };
  });

  async function refused(second_factor: boolean) {
    const page = showPage(Page);
    const press = async (name: string) => {
      page.screen.getByRole('button', { name }).click();
      await page.settled();
    };
    const fill = (label: string, value: string) =>
      fireEvent.input(page.screen.getByLabelText(label), { target: { value } });
    await press('End it');
    page.backend
      .expectOne('/api/sessions/7')
      .flush(problem('confirmation-required', 403, { second_factor }), {
        status: 403,
        statusText: 'Forbidden',
      });
    await page.settled();
    await page.settled();
    return { ...page, press, fill };
  }

  it('asks for the password, and repeats the request', async () => {
    const { backend, fixture, screen, settled, press, fill } = await refused(false);
    expect(screen.queryByLabelText(/Code/)).toBeNull();
    fill('Your own password', 'curtain-call');
    await press('Confirm');
    const sent = backend.expectOne({ method: 'POST', url: '/api/account/confirmations' });
    expect(sent.request.body).toEqual({ password: 'curtain-call' });
    sent.flush(null);
    await settled();
    backend.expectOne({ method: 'DELETE', url: '/api/sessions/7' }).flush(null);
    await settled();
    expect(fixture.componentInstance.done).toEqual([null]);
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('asks for the second factor as well, and puts what is wrong beside its field', async () => {
    const { backend, screen, settled, press, fill } = await refused(true);
    await press('Confirm');
    expect(screen.getByText('Enter the code.')).toBeTruthy();
    fill('Your own password', 'curtain-call');
    fill('Code of your authenticator app', '042317');
    await press('Confirm');
    const sent = backend.expectOne('/api/account/confirmations');
    expect(sent.request.body).toEqual({ password: 'curtain-call', code: '042317' });
    sent.flush(problem('second-factor-wrong', 403), { status: 403, statusText: 'Forbidden' });
    await settled();
    expect(screen.getByText('Detail of second-factor-wrong.')).toBeTruthy();
    backend.expectNone('/api/sessions/7');
  });

  it('passes the refusal on when the person does not want to', async () => {
    const { backend, fixture, screen, settled, press } = await refused(false);
    await press('Never mind');
    await settled();
    backend.expectNone('/api/sessions/7');
    expect(fixture.componentInstance.done[0]?.type).toBe('/problems/confirmation-required');
    expect(screen.queryByRole('dialog')).toBeNull();
  });
});
