import { Component, computed, input } from '@angular/core';
import { FieldTree } from '@angular/forms/signals';
import { TextField } from '../ui/text-field';
import { phoneUnderstood } from './phone-understood';

/** The field by which an account is found: its phone number or its e-mail address. */
@Component({
  selector: 'mq-account-name-field',
  imports: [TextField],
  template: `
    <mq-text-field
      name="account"
      label="Phone or e-mail address"
      autocomplete="username"
      [hint]="hint()"
      [field]="field()"
    />
  `,
})
export class AccountNameField {
  readonly field = input.required<FieldTree<string>>();

  protected readonly hint = phoneUnderstood(computed(() => this.field()().value()));
}
