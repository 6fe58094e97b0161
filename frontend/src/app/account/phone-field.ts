import { Component, computed, input } from '@angular/core';
import { FieldTree } from '@angular/forms/signals';
import { TextField } from '../ui/text-field';
import { phoneUnderstood } from './phone-understood';

/** A field for a phone number, which says how the number is understood. */
@Component({
  selector: 'mq-phone-field',
  imports: [TextField],
  template: `
    <mq-text-field
      type="tel"
      [name]="name()"
      [label]="label()"
      [hint]="hint()"
      [autocomplete]="autocomplete()"
      [field]="field()"
    />
  `,
})
export class PhoneField {
  readonly field = input.required<FieldTree<string>>();
  readonly name = input.required<string>();
  readonly label = input('Phone');
  /** Off for the phone of somebody else. */
  readonly autocomplete = input<'tel' | 'off'>('tel');

  protected readonly hint = phoneUnderstood(computed(() => this.field()().value()));
}
