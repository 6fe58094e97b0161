import { HttpErrorResponse } from '@angular/common/http';
import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { form, required, submit } from '@angular/forms/signals';
import { problem } from '../../testing/page';
import { submitting, SubmittingOptions } from './submitting';

interface Account {
  name: string;
  phone: string;
}

function refusal(type: string, more: object = {}): HttpErrorResponse {
  return new HttpErrorResponse({ status: 409, error: problem(type, 409, more) });
}

describe('submitting', () => {
  const send = vi.fn<(account: Account) => Promise<void>>();

  beforeEach(() => send.mockReset());

  function show(options: SubmittingOptions<Account> = {}, name = 'Ana') {
    return TestBed.runInInjectionContext(() => {
      const model = signal({ name, phone: '030' });
      const sending = submitting(model, send, options);
      const { submission } = sending;
      const tree = form(model, (path) => required(path.name, { message: 'Name?' }), { submission });
      return { sending, tree };
    });
  }

  it('sends what the form holds', async () => {
    const { sending, tree } = show();
    expect(await submit(tree)).toBe(true);
    expect(send).toHaveBeenCalledExactlyOnceWith({ name: 'Ana', phone: '030' });
    expect(sending.problem()).toBeNull();
  });

  it('sends nothing that is known to be wrong and goes to its field', async () => {
    const { tree } = show({}, '');
    const focus = vi.spyOn(tree.name(), 'focusBoundControl');
    expect(await submit(tree)).toBe(false);
    expect(send).not.toHaveBeenCalled();
    expect(focus).toHaveBeenCalledOnce();
  });

  it('puts an error beside its field and goes there', async () => {
    send.mockRejectedValueOnce(refusal('phone-taken'));
    const { sending, tree } = show({ fieldOfType: { '/problems/phone-taken': 'phone' } });
    const focus = vi.spyOn(tree.phone(), 'focusBoundControl');
    expect(await submit(tree)).toBe(false);
    expect(tree.phone().errors()[0]?.message).toBe('Detail of phone-taken.');
    expect(sending.problem()).toBeNull();
    expect(focus).toHaveBeenCalledOnce();
  });

  it('says what no field can show until the form is sent again', async () => {
    const errors = [
      { pointer: '/name', detail: 'Too long.' },
      { pointer: '/other', detail: 'Unknown.' },
    ];
    send.mockRejectedValueOnce(refusal('invalid', { errors }));
    const { sending, tree } = show();
    await submit(tree);
    expect(sending.problem()).toMatchObject({ title: 'invalid', detail: 'Unknown.' });
    expect(tree.name().errors()[0]?.message).toBe('Too long.');
    send.mockResolvedValue();
    tree.name().value.set('An');
    await submit(tree);
    expect(sending.problem()).toBeNull();
  });

  it('leaves a problem alone that somebody else deals with', async () => {
    send.mockRejectedValueOnce(refusal('edited-meanwhile'));
    const { sending, tree } = show({ refused: () => null });
    await submit(tree);
    expect(sending.problem()).toBeNull();
  });

  it('takes over a reworded problem', async () => {
    send.mockRejectedValueOnce(refusal('busy'));
    const { sending, tree } = show({ refused: (said) => ({ ...said, detail: 'Wait.' }) });
    await submit(tree);
    expect(sending.problem()?.detail).toBe('Wait.');
  });
});
