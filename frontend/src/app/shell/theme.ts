import { computed, DOCUMENT, inject, Service, signal } from '@angular/core';

type Tone = 'light' | 'dark';

/** Kept under the same name as in public/theme.js, which applies it before the first paint. */
const STORE = 'marquee.theme';

/** Light or dark: the system's choice until a person chooses otherwise. */
@Service()
export class Theme {
  readonly #root = inject(DOCUMENT).documentElement;
  readonly #system = signal<Tone>('light');
  readonly #chosen = signal<Tone | null>(readTone(this.#root.dataset['theme']));

  readonly tone = computed<Tone>(() => this.#chosen() ?? this.#system());

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => this.#system.set(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', follow);
    follow();
  }

  toggle(): void {
    const tone: Tone = this.tone() === 'dark' ? 'light' : 'dark';
    // Choosing what the system says anyway is following the system again.
    const chosen = tone === this.#system() ? null : tone;
    this.#chosen.set(chosen);
    if (chosen === null) delete this.#root.dataset['theme'];
    else this.#root.dataset['theme'] = chosen;
    try {
      if (chosen === null) localStorage.removeItem(STORE);
      else localStorage.setItem(STORE, chosen);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
  }
}

function readTone(text: string | undefined): Tone | null {
  return text === 'light' || text === 'dark' ? text : null;
}
