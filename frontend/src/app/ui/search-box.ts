import {
  Component,
  DestroyRef,
  DOCUMENT,
  inject,
  input,
  linkedSignal,
  output,
} from '@angular/core';
import { MOST_SEARCHED } from '../api/search-text';
import { Icon } from './icon';

/** Long enough not to ask at every letter, short enough to feel like an answer while typing. */
const DEBOUNCE_MS = 220;

/** A search field that answers while one types. With the class `large`: the first on its page. */
@Component({
  selector: 'mq-search-box',
  imports: [Icon],
  template: `
    <div class="field">
      <label [for]="name()">{{ label() }}</label>
      <div class="box">
        <mq-icon name="search" />
        <input
          #box
          class="input"
          dir="auto"
          type="search"
          [maxLength]="most"
          autocomplete="off"
          enterkeyhint="search"
          [id]="name()"
          [placeholder]="placeholder()"
          [value]="shown()"
          (input)="searchSoon(box.value)"
          (keydown.enter)="$event.preventDefault(); searchNow(); hideKeyboard(box)"
        />
      </div>
    </div>
  `,
  styles: `
    .box {
      position: relative;
    }

    mq-icon {
      position: absolute;
      inset-block: 0;
      inset-inline-start: var(--space-3);
      height: 100%;
      color: var(--ink-soft);
      pointer-events: none;
    }

    .input {
      padding-inline-start: 2.5rem;
    }

    /* The browser's own is blue. */
    .input::-webkit-search-cancel-button {
      width: 1.25rem;
      height: 1.25rem;
      appearance: none;
      background:
        linear-gradient(45deg, transparent 46%, var(--ink-soft) 46% 54%, transparent 54%),
        linear-gradient(-45deg, transparent 46%, var(--ink-soft) 46% 54%, transparent 54%);
      cursor: pointer;
    }

    :host(.large) .input {
      min-height: var(--target-large);
      padding-inline-start: 2.75rem;
      font-size: var(--size-lead);
    }
  `,
})
export class SearchBox {
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly placeholder = input('');
  readonly search = input.required<string>();
  readonly searched = output<string>();

  protected readonly most = MOST_SEARCHED;
  protected readonly shown = linkedSignal<string, string>({
    source: this.search,
    // The text from the address lags behind the typing and is trimmed. It must not replace the text
    // that is being typed, or remove the space before the next word.
    computation: (search, previous) =>
      previous !== undefined && (this.#timer !== undefined || previous.value.trim() === search)
        ? previous.value
        : search,
  });

  readonly #window = inject(DOCUMENT).defaultView;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#stopWaiting());
  }

  protected searchSoon(search: string): void {
    this.shown.set(search);
    this.#stopWaiting();
    this.#timer = setTimeout(() => this.searchNow(), DEBOUNCE_MS);
  }

  protected searchNow(): void {
    this.#stopWaiting();
    this.searched.emit(this.shown().trim());
  }

  /** On a phone the keyboard would go on covering what was found. */
  protected hideKeyboard(box: HTMLInputElement): void {
    if (this.#window?.matchMedia('(pointer: coarse)').matches ?? false) box.blur();
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
