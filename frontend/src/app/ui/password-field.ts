import { booleanAttribute, Component, input, signal } from '@angular/core';
import { FieldTree } from '@angular/forms/signals';
import { TextField } from './text-field';

/**
 * A field for a password: the one that somebody has, or with `isNew` one that they choose. A button
 * shows what was typed.
 */
@Component({
  selector: 'mq-password-field',
  imports: [TextField],
  template: `
    <mq-text-field
      [type]="shown() ? 'text' : 'password'"
      [name]="name()"
      [label]="label()"
      [hint]="hint() ?? (isNew() ? 'At least 8 characters.' : '')"
      [autocomplete]="isNew() ? 'new-password' : 'current-password'"
      [field]="field()"
    />
    <button
      type="button"
      class="text-button"
      [attr.aria-label]="shown() ? 'Hide typed characters' : 'Show typed characters'"
      [attr.aria-controls]="name()"
      (click)="shown.set(!shown())"
    >
      {{ shown() ? 'Hide' : 'Show' }}
    </button>
  `,
  styles: `
    :host {
      position: relative;
      display: block;
    }

    /* In the line of the label, and as high. */
    button {
      position: absolute;
      inset-block-start: 0;
      inset-inline-end: 0;
      min-height: 1.5rem;
      font-size: var(--size-small);
    }
  `,
})
export class PasswordField {
  readonly field = input.required<FieldTree<string>>();
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly hint = input<string>();
  readonly isNew = input(false, { transform: booleanAttribute });

  protected readonly shown = signal(false);
}
