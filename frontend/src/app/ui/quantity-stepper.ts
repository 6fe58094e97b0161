import { Component, ElementRef, input, model, viewChild } from '@angular/core';
import { Icon } from './icon';

/** One to `max`, by buttons, arrow keys or typing; it cannot hold anything else. */
@Component({
  selector: 'mq-quantity-stepper',
  imports: [Icon],
  template: `
    <button
      type="button"
      class="step"
      aria-label="One ticket fewer"
      [disabled]="disabled()"
      [attr.aria-disabled]="value() <= 1"
      (click)="stepBy(-1)"
    >
      <mq-icon name="minus" />
    </button>
    <input
      #field
      inputmode="numeric"
      autocomplete="off"
      role="spinbutton"
      aria-valuemin="1"
      [attr.aria-valuemax]="max()"
      [attr.aria-valuenow]="value()"
      [attr.aria-labelledby]="labelledBy()"
      [attr.aria-describedby]="describedBy()"
      [disabled]="disabled()"
      [value]="value()"
      (change)="setTyped(field.value)"
      (keydown)="stepByKey($event)"
    />
    <button
      type="button"
      class="step"
      aria-label="One ticket more"
      [disabled]="disabled()"
      [attr.aria-disabled]="value() >= max()"
      (click)="stepBy(1)"
    >
      <mq-icon name="plus" />
    </button>
  `,
  styles: `
    :host {
      display: inline-grid;
      grid-template-columns: var(--target-large) 4rem var(--target-large);
      min-height: var(--target-large);
      border: 1.5px solid var(--ink);
      border-radius: var(--radius);
      background: var(--paper-raised);
    }

    .step {
      display: grid;
      place-items: center;
      padding: 0;
      border: 0;
      background: transparent;
      color: var(--ink);
      cursor: pointer;
      touch-action: manipulation;
    }

    @media (hover: hover) {
      .step:hover {
        background: var(--paper-sunk);
      }
    }

    /* At an end it keeps the focus, which a disabled button would lose. */
    .step:is(:disabled, [aria-disabled='true']) {
      background: transparent;
      color: var(--ink-soft);
      cursor: not-allowed;
    }

    input {
      width: 100%;
      min-width: 0;
      padding: 0;
      border: solid var(--line);
      border-width: 0 1px;
      border-radius: 0;
      background: transparent;
      font-family: var(--display);
      font-size: 1.5rem;
      font-weight: 700;
      text-align: center;
    }
  `,
})
export class QuantityStepper {
  readonly value = model.required<number>();
  readonly max = input.required<number>();
  readonly disabled = input(false);
  readonly labelledBy = input.required<string>();
  readonly describedBy = input<string>();

  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>('field');

  protected stepBy(by: number): void {
    this.#set(this.value() + by);
  }

  protected setTyped(text: string): void {
    const typed = Number.parseInt(text, 10);
    this.#set(Number.isNaN(typed) ? this.value() : typed);
  }

  protected stepByKey(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowUp: 1, ArrowDown: -1 };
    const targets: Record<string, number> = { Home: 1, End: this.max() };
    const target = targets[event.key] ?? this.value() + (steps[event.key] ?? Number.NaN);
    if (Number.isNaN(target)) return;
    event.preventDefault();
    this.#set(target);
  }

  #set(value: number): void {
    const bounded = Math.min(Math.max(value, 1), this.max());
    this.value.set(bounded);
    // The binding does not fire when a refused value is bounded to the one already held.
    this.field().nativeElement.value = String(bounded);
  }
}
