import { Component } from '@angular/core';

/** Nobody on stage: the picture for every page that has nothing to show yet. */
@Component({
  selector: 'mq-empty-stage',
  template: `
    <svg viewBox="0 0 320 200" aria-hidden="true">
      <path class="beam" d="M150 0h20l76 168H74z" />
      <ellipse class="pool" cx="160" cy="168" rx="86" ry="18" />
      <path class="floor" d="M0 168h320" />
      <path
        class="curtain"
        d="M0 0h26v150a13 13 0 0 1-26 0zM26 0h26v132a13 13 0 0 1-26 0zM52 0h26v108a13 13 0 0 1-26 0zM294 0h26v150a13 13 0 0 1-26 0zM268 0h26v132a13 13 0 0 1-26 0zM242 0h26v108a13 13 0 0 1-26 0z"
      />
      <path class="stand" d="M160 166V96M146 170l14-6 14 6M160 96l10-12" />
      <circle class="microphone" cx="174" cy="79" r="7" />
    </svg>
  `,
  styles: `
    svg {
      display: block;
      width: min(22rem, 80vw);
    }

    .beam {
      fill: var(--paper-sunk);
    }

    .pool {
      fill: var(--limelight);
    }

    .floor,
    .stand {
      fill: none;
      stroke: var(--ink);
      stroke-width: 3;
      stroke-linecap: round;
    }

    .curtain {
      fill: var(--curtain);
      stroke: var(--paper);
      stroke-width: 2;
    }

    .microphone {
      fill: var(--ink);
    }
  `,
})
export class EmptyStage {}
