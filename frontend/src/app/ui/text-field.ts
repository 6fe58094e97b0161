import { Component, computed, input } from '@angular/core';
import { FieldTree, FormField } from '@angular/forms/signals';

/**
 * A labelled input of a Signal Form. Its error appears once the field was left or the form sent
 * (`live`: as soon as something was typed), and follows the typing from then on.
 */
@Component({
  selector: 'mq-text-field',
  imports: [FormField],
  template: `
    <div class="field">
      <label [attr.for]="name()">{{ label() }}</label>
      <input
        class="input"
        dir="auto"
        [id]="name()"
        [type]="type()"
        [attr.autocomplete]="autocomplete()"
        [attr.inputmode]="inputMode()"
        [attr.list]="suggestions().length > 0 ? name() + '-suggestions' : null"
        [attr.aria-invalid]="invalid()"
        [attr.aria-describedby]="name() + '-note'"
        [formField]="field()"
      />
      @if (suggestions().length > 0) {
        <datalist [id]="name() + '-suggestions'">
          @for (suggestion of suggestions(); track suggestion) {
            <option [value]="suggestion"></option>
          }
        </datalist>
      }
      <p [id]="name() + '-note'" aria-live="polite">
        @if (invalid()) {
          <span class="field-error">{{ message() }}</span>
        } @else if (hint()) {
          <span class="hint">
            {{ hint() }}
            @if (example(); as example) {
              such as <span class="unbroken">{{ example }}</span>
            }
          </span>
        }
      </p>
    </div>
  `,
  styles: `
    p {
      min-height: 1.35rem;
      line-height: 1.35;
    }
  `,
})
export class TextField {
  readonly field = input.required<FieldTree<string>>();
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly hint = input('');
  /** A code that ends the hint as its example. */
  readonly example = input('');
  readonly type = input<'text' | 'tel' | 'email' | 'password' | 'datetime-local' | 'time'>('text');
  readonly autocomplete = input<string>();
  readonly inputMode = input<string>();
  readonly suggestions = input<readonly string[]>([]);
  readonly live = input(false);

  protected readonly invalid = computed(() => {
    const state = this.field()();
    return (state.touched() || (this.live() && state.dirty())) && state.invalid();
  });
  /** What the browser itself cannot read, as a time without its day, is an error without words. */
  protected readonly message = computed(
    () => this.field()().errors()[0]?.message ?? 'This is not complete.',
  );
}
