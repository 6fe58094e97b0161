import { Component, computed, input, output } from '@angular/core';

/** Chooses a category of a list. The room for it is kept until the categories are known. */
@Component({
  selector: 'mq-category-select',
  host: {
    '[class.waiting]': 'categories() === undefined',
    '[hidden]': 'categories() !== undefined && choices().length === 0',
  },
  template: `
    <div class="field">
      <label for="category">Category</label>
      <select #select id="category" class="input" dir="auto" (change)="chosen.emit(select.value)">
        <option value="" [selected]="category() === ''">Any category</option>
        @for (choice of choices(); track choice) {
          <option [value]="choice" [selected]="isChosen(choice)">{{ choice }}</option>
        }
      </select>
    </div>
  `,
  styles: `
    :host {
      display: block;
      min-width: 0;
    }

    :host(.waiting) {
      visibility: hidden;
    }

    :host(.large) .input {
      min-height: var(--target-large);
    }

    /* In the line of a label, where a phone has room. */
    @media (width < 46rem) {
      :host(.in-line) label {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }

      :host(.in-line) .input {
        width: auto;
        max-width: 100%;
        min-height: var(--target-small);
        justify-self: end;
        padding-block: 0;
        padding-inline: var(--space-1) 1.15rem;
        border: 0;
        background-color: transparent;
        background-position:
          right 0.35rem center,
          right 0 center;
        font-size: var(--size-small);
        font-weight: 600;
        field-sizing: content;
      }
    }
  `,
})
export class CategorySelect {
  /** Those of events still to come; undefined while they are not known. */
  readonly categories = input.required<readonly string[] | undefined>();
  /** The one in the address, however it is written there; empty for any. */
  readonly category = input.required<string>();
  readonly chosen = output<string>();

  /** The category of the address stays a choice when it has no event any more. */
  protected readonly choices = computed(() => {
    const [known, category] = [this.categories() ?? [], this.category()];
    const isKnown = category === '' || known.some((one) => same(one, category));
    return isKnown ? known : [category, ...known];
  });

  protected isChosen(choice: string): boolean {
    return same(choice, this.category());
  }
}

/** Whether two spellings are one category, as the server compares them. */
function same(one: string, other: string): boolean {
  return one.localeCompare(other, undefined, { sensitivity: 'base' }) === 0;
}
