import { booleanAttribute, Component, input } from '@angular/core';
import { FieldTree } from '@angular/forms/signals';
import { TextField } from './text-field';

/** A field for a password: the one that somebody has, or with `isNew` one that they choose. */
@Component({
  selector: 'mq-password-field',
  imports: [TextField],
  template: `
    <mq-text-field
      type="password"
      [name]="name()"
      [label]="label()"
      [hint]="hint() ?? (isNew() ? 'At least 8 characters.' : '')"
      [autocomplete]="isNew() ? 'new-password' : 'current-password'"
      [field]="field()"
    />
  `,
})
export class PasswordField {
  readonly field = input.required<FieldTree<string>>();
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly hint = input<string>();
  readonly isNew = input(false, { transform: booleanAttribute });
}
