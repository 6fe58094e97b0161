import { Component, input } from '@angular/core';
import { Verdict } from './verdict';

/** Green or red, a sign, a word and why: readable at arm's length and without colours. */
@Component({
  selector: 'mq-verdict-panel',
  template: `
    <div
      class="panel"
      aria-live="assertive"
      aria-atomic="true"
      [class]="verdict()?.tone ?? 'ready'"
      [class.over-picture]="overPicture()"
    >
      @if (verdict(); as verdict) {
        <svg viewBox="0 0 24 24" aria-hidden="true">
          @switch (verdict.tone) {
            @case ('admit') {
              <path d="m3.5 12.5 6 6L20.5 6" />
            }
            @case ('again') {
              <path d="M12 3v12M12 20v.5" />
            }
            @case ('refuse') {
              <path d="m5 5 14 14M19 5 5 19" />
            }
            @default {
              <path d="M8 8.5a4 4 0 1 1 5.5 3.7c-1 .5-1.5 1.2-1.5 2.3M12 19v.5" />
            }
          }
        </svg>
        <div>
          <p class="headline">{{ verdict.headline }}</p>
          <p class="reason">{{ verdict.reason }}</p>
          @if (verdict.money) {
            <p class="money">{{ verdict.money }}</p>
          }
          <p class="code">{{ verdict.code }}</p>
        </div>
      } @else {
        <p class="headline">Ready</p>
      }
    </div>
  `,
  styles: `
    .panel {
      display: grid;
      grid-template-columns: auto minmax(0, 1fr);
      gap: var(--space-4);
      align-items: center;
      min-height: 12.5rem;
      padding: var(--space-4);
      /* Forced colours take the background away and show this border. */
      border: 3px solid transparent;
      border-radius: var(--radius);
      color: var(--paper);
    }

    .ready {
      grid-template-columns: 1fr;
      border: 1.5px dashed var(--line-strong);
      color: var(--ink-soft);
      text-align: center;
    }

    .admit {
      background: var(--good);
    }

    .refuse {
      background: var(--bad);
    }

    .again,
    .unknown {
      background: var(--warn);
    }

    svg {
      width: clamp(3.5rem, 16vw, 9rem);
      fill: none;
      stroke: currentColor;
      stroke-width: 3.5;
      stroke-linecap: square;
    }

    .headline {
      font-family: var(--display);
      font-size: clamp(2.25rem, 1.4rem + 5vw, 5rem);
      font-weight: 800;
      letter-spacing: -0.035em;
      line-height: 0.95;
    }

    .reason {
      margin-block-start: var(--space-3);
      font-size: clamp(1.125rem, 1rem + 0.9vw, 1.625rem);
      font-weight: 600;
      line-height: 1.3;
    }

    .money {
      margin-block-start: var(--space-2);
      font-weight: 600;
    }

    @media (width >= 46rem) {
      .panel {
        min-height: 17rem;
      }
    }

    .code {
      margin-block-start: var(--space-2);
      font-family: var(--mono);
      font-size: var(--size-small);
      overflow-wrap: anywhere;
    }

    @media (width < 60rem), (height < 30rem) {
      .over-picture {
        gap: var(--space-3);
        min-height: 0;
        margin: var(--space-2);
        padding: var(--space-2) var(--space-3);
      }

      /* The picture itself says that the door is ready. */
      .over-picture.ready {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
      }

      .over-picture svg {
        width: 3.5rem;
      }

      .over-picture .headline {
        font-size: 2rem;
      }

      .over-picture .reason {
        margin-block-start: var(--space-1);
        font-size: 1rem;
      }

      .over-picture .code {
        margin-block-start: var(--space-1);
      }
    }
  `,
})
export class VerdictPanel {
  readonly verdict = input.required<Verdict | null>();
  /** Whether it lies over what the camera sees, of which it then leaves as much as it can. */
  readonly overPicture = input(false);
}
