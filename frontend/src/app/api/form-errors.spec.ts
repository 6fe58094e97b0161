import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { form } from '@angular/forms/signals';
import { formErrors } from './form-errors';
import { Problem } from './problem';

const invalid: Problem = {
  type: '/problems/validation',
  title: 'Some fields are not valid',
  status: 422,
  detail: 'Check the fields.',
};

describe('formErrors', () => {
  const make = () =>
    TestBed.runInInjectionContext(() =>
      form(signal({ name: '', phone: '', address: { city: '' } })),
    );

  it('puts each error beside the field its pointer names', () => {
    const tree = make();
    const errors = [
      { pointer: '/phone', detail: 'This is not a phone number.' },
      { pointer: '/address/city', detail: 'Name a city.' },
    ];
    const { fields, message } = formErrors(tree, { ...invalid, errors });
    expect(fields.map(({ fieldTree, message }) => [fieldTree, message])).toEqual([
      [tree.phone, 'This is not a phone number.'],
      [tree.address.city, 'Name a city.'],
    ]);
    expect(message).toBeNull();
  });

  it('says in a message what no field can show', () => {
    const errors = [
      { pointer: '/nickname', detail: 'Unknown field.' },
      { pointer: '', detail: 'This is too much.' },
    ];
    expect(formErrors(make(), { ...invalid, errors })).toEqual({
      fields: [],
      message: 'Unknown field. This is too much.',
    });
  });

  it('says the detail when there are no errors to place', () => {
    expect(formErrors(make(), invalid).message).toBe('Check the fields.');
  });

  it('knows the one field a problem is about', () => {
    const tree = make();
    const taken = { ...invalid, type: '/problems/phone-taken', detail: 'Taken.' };
    const { fields, message } = formErrors(tree, taken, { '/problems/phone-taken': 'phone' });
    expect(fields[0]?.fieldTree).toBe(tree.phone);
    expect(message).toBeNull();
  });
});
