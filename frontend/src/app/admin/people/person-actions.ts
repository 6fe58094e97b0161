import { UserAccount } from '../../api/admin-shapes';
import { UsersClient } from '../../api/users-client';
import { isolated } from '../../formats/isolated';

export type PersonAction =
  'promote' | 'demote' | 'disable' | 'enable' | 'sign-out' | 'reset-factor';

/** What the buttons say. */
export const ACTION_WORDS: Record<PersonAction, string> = {
  promote: 'Make admin',
  demote: 'Make customer',
  disable: 'Disable account',
  enable: 'Enable account',
  'sign-out': 'Sign out everywhere',
  'reset-factor': 'Reset second factor',
};

export interface Question {
  heading: string;
  /** What it does, a paragraph each. */
  words: string[];
  danger: boolean;
  /** What to say when it is done. */
  done: string;
}

/** What can be done with an account as it is now. Nobody can sign in to a disabled one. */
export function actionsFor(person: UserAccount): PersonAction[] {
  const role = person.role === 'admin' ? 'demote' : 'promote';
  return person.disabled_at === null
    ? [role, 'sign-out', 'reset-factor', 'disable']
    : [role, 'enable'];
}

/** What is asked before an action. `isSelf`: the admin who is asked is that person. */
export function questionFor(action: PersonAction, person: UserAccount, isSelf: boolean): Question {
  const name = isolated(person.name);
  const signedOut = isSelf
    ? 'You are signed out everywhere, here as well.'
    : `${name} is signed out everywhere at once.`;
  const notUndone = isSelf ? ['You cannot undo this yourself.'] : [];
  switch (action) {
    case 'promote':
      return {
        heading: `Make ${name} an admin?`,
        words: [
          'An admin sees all bookings and phone numbers, edits and cancels events, checks tickets ' +
            'in, and can make and disable other admins.',
          ...(person.disabled_at === null
            ? [`${signedOut} The new role begins with the next sign-in.`]
            : []),
          ...(person.has_password ? [] : [`${name} has no password and cannot sign in yet.`]),
        ],
        danger: true,
        done: `${name} is an admin now.`,
      };
    case 'demote':
      return {
        heading: `Make ${name} a customer?`,
        words: [
          `${name} can then book tickets, and do nothing else. ${signedOut}`,
          'What they did as an admin stays as it is.',
          ...notUndone,
        ],
        danger: true,
        done: `${name} is a customer now.`,
      };
    case 'disable':
      return {
        heading: `Disable the account of ${name}?`,
        words: [
          `${signedOut} Nobody can sign in to this account: it looks as if the password were wrong.`,
          'Bookings and tickets stay valid. The account can be enabled again.',
          ...notUndone,
        ],
        danger: true,
        done: `The account of ${name} is disabled.`,
      };
    case 'enable':
      return {
        heading: `Enable the account of ${name} again?`,
        words: [`${name} can sign in again, with the same password as before.`],
        danger: false,
        done: `The account of ${name} is enabled again.`,
      };
    case 'reset-factor':
      return {
        heading: `Reset the second factor of ${name}?`,
        words: [
          `For somebody who has lost the phone and the recovery codes. ${name} can then sign in with ` +
            'the password alone, and set up another second factor. ' +
            signedOut,
          'First make sure who is asking: meet in person, or call a number that you know.',
        ],
        danger: true,
        done: `${name} has no second factor any longer.`,
      };
    case 'sign-out':
      return {
        heading: `Sign ${name} out everywhere?`,
        words: [`${signedOut} Every browser then asks for the password.`],
        danger: false,
        done: `${name} is signed out everywhere.`,
      };
  }
}

/** Does it, and returns the account as it is afterwards. */
export async function carryOut(
  action: PersonAction,
  person: UserAccount,
  users: UsersClient,
): Promise<UserAccount> {
  switch (action) {
    case 'promote':
      return users.setRole(person.id, 'admin');
    case 'demote':
      return users.setRole(person.id, 'customer');
    case 'disable':
      return users.setDisabled(person.id, true);
    case 'enable':
      return users.setDisabled(person.id, false);
    case 'reset-factor':
      await users.resetSecondFactor(person.id);
      return person;
    case 'sign-out':
      await users.endSessions(person.id);
      return person;
  }
}
