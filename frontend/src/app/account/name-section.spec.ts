import { inputBinding, outputBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { showPage, signInAs } from '../../testing/page';
import { sampleAccount, sampleUser } from '../../testing/samples';
import { Account } from '../api/shapes';
import { NameSection } from './name-section';

describe('NameSection', () => {
  it('changes the name, and has the head of the page show it', async () => {
    const changed = vi.fn();
    const page = showPage(NameSection, [
      inputBinding('account', () => sampleAccount),
      outputBinding<Account>('changed', changed),
    ]);
    await signInAs(page, sampleUser);
    const { backend, screen, settled } = page;
    screen.getByRole('button', { name: 'Change the name' }).click();
    await settled();
    fireEvent.input(screen.getByLabelText('Your name'), { target: { value: 'Ana Herbst' } });
    screen.getByRole('button', { name: 'Save the name' }).click();
    await settled();
    const sent = backend.expectOne({ method: 'PUT', url: '/api/account/name' });
    expect(sent.request.body).toEqual({ name: 'Ana Herbst' });
    sent.flush({ ...sampleAccount, name: 'Ana Herbst' });
    await settled();
    expect(changed).toHaveBeenCalledWith({ ...sampleAccount, name: 'Ana Herbst' });
    backend.expectOne('/api/sessions/current');
    expect(screen.getByText('Your name is changed.')).toBeTruthy();
  });
});
