import { UserAccount } from '../../api/admin-shapes';
import { sampleUser } from '../../../testing/samples';
import { actionsFor, questionFor } from './person-actions';

const person: UserAccount = {
  ...sampleUser,
  disabled_at: null,
  phone_verified: false,
  phone_lost: false,
  has_password: true,
};

describe('actionsFor', () => {
  it('offers the other role, and what makes sense for the account', () => {
    expect(actionsFor(person)).toEqual(['promote', 'sign-out', 'reset-factor', 'disable']);
    expect(actionsFor({ ...person, role: 'admin' })).toEqual([
      'demote',
      'sign-out',
      'reset-factor',
      'disable',
    ]);
    const disabled = { ...person, disabled_at: '2026-11-22T10:00:00Z' };
    expect(actionsFor(disabled)).toEqual(['promote', 'enable']);
  });
});

describe('questionFor', () => {
  const words = (...given: Parameters<typeof questionFor>) => questionFor(...given).words.join(' ');

  it('says that a person without a password cannot sign in as an admin', () => {
    expect(words('promote', person, false)).not.toContain('no password');
    expect(words('promote', { ...person, has_password: false }, false)).toContain('no password');
  });

  it('warns admins who are about to lock themselves out', () => {
    expect(words('demote', person, false)).not.toContain('You cannot undo this');
    expect(words('demote', person, true)).toContain('You cannot undo this');
    expect(words('disable', person, true)).toContain('You are signed out everywhere');
  });
});
