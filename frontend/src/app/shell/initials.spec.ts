import { initialsOf } from './initials';

describe('initialsOf', () => {
  it.each([
    ['Katrin Hollmann', 'KH'],
    ['  ana  maria  de  sousa ', 'AS'],
    ['Ana', 'A'],
    ['e\u0301va', 'E\u0301'],
    ['', ''],
  ])('takes from %j %j', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});
