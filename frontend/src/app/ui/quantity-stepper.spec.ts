import { inputBinding, signal, twoWayBinding } from '@angular/core';
import { fireEvent } from '@testing-library/dom';
import { showPage } from '../../testing/page';
import { QuantityStepper } from './quantity-stepper';

describe('QuantityStepper', () => {
  const value = signal(1);
  const max = signal(4);

  function show() {
    return showPage(QuantityStepper, [
      twoWayBinding('value', value),
      inputBinding('max', max),
      inputBinding('labelledBy', () => 'label'),
    ]);
  }

  beforeEach(() => {
    value.set(1);
    max.set(4);
  });

  it('steps between one and the number of tickets left', async () => {
    const { screen, settled } = show();
    const [fewer, more] = ['One ticket fewer', 'One ticket more'].map((name) =>
      screen.getByRole<HTMLButtonElement>('button', { name }),
    ) as [HTMLButtonElement, HTMLButtonElement];
    expect(fewer.getAttribute('aria-disabled')).toBe('true');
    fewer.click();
    expect(value()).toBe(1);
    for (let press = 0; press < 5; press++) more.click();
    await settled();
    expect(value()).toBe(4);
    expect(more.getAttribute('aria-disabled')).toBe('true');
    fewer.click();
    expect(value()).toBe(3);
  });

  it('keeps the focus at an end', async () => {
    value.set(3);
    const { screen, settled } = show();
    const more = screen.getByRole('button', { name: 'One ticket more' });
    more.focus();
    more.click();
    await settled();
    expect(value()).toBe(4);
    expect(more.hasAttribute('disabled')).toBe(false);
    expect(document.activeElement).toBe(more);
  });

  it.each([
    ['99', 4],
    ['0', 1],
    ['-3', 1],
    ['3', 3],
    ['three', 2],
    ['', 2],
  ])('takes %j typed as %i', (typed, held) => {
    value.set(2);
    const { screen } = show();
    const field = screen.getByRole<HTMLInputElement>('spinbutton');
    fireEvent.change(field, { target: { value: typed } });
    expect(value()).toBe(held);
    expect(field.value).toBe(String(held));
  });

  it('answers arrow keys, Home and End', () => {
    const { screen } = show();
    const field = screen.getByRole('spinbutton');
    fireEvent.keyDown(field, { key: 'ArrowUp' });
    expect(value()).toBe(2);
    fireEvent.keyDown(field, { key: 'End' });
    expect(value()).toBe(4);
    fireEvent.keyDown(field, { key: 'Home' });
    expect(value()).toBe(1);
    fireEvent.keyDown(field, { key: 'ArrowDown' });
    expect(value()).toBe(1);
  });

  it('tells a screen reader its bounds', () => {
    const { screen } = show();
    const field = screen.getByRole('spinbutton');
    expect(field.getAttribute('aria-valuenow')).toBe('1');
    expect(field.getAttribute('aria-valuemin')).toBe('1');
    expect(field.getAttribute('aria-valuemax')).toBe('4');
  });
});
