import { Component } from '@angular/core';

/** Which accessibility tests exist. Keep it true when the tests change. */
@Component({
  selector: 'mq-accessibility-page',
  template: `
    <div class="wrap">
      <h1 class="page-title">Accessibility</h1>
      <p>
        Marquee is the program behind this site. Everyone should be able to find an event, book
        tickets and show them at the door with it.
      </p>
      <h2>What is tested</h2>
      <p>
        Every page is checked with the program axe-core against the rules of WCAG 2.2, levels A and
        AA, that a program can check. The checks run in light, in dark and with the colours of a
        contrast theme, on a phone’s screen and on a desk’s, and the pages must fit a window of 320
        pixels. Booking and cancelling are tested with the keyboard alone.
      </p>
      <h2>What is not tested</h2>
      <p>
        A program finds only some barriers. The pages have not been tested by people who use a
        screen reader, a screen magnifier or voice control every day. Organisers write the titles
        and descriptions of events themselves, and nobody checks whether these are easy to read.
      </p>
      <h2>If something does not work for you</h2>
      <p>
        Please tell the people who run this site, and say which page it was and what you use. Many
        events name a contact on their page. The imprint, if this site links to one below, says who
        runs it.
      </p>
    </div>
  `,
  styles: `
    .wrap {
      display: grid;
      gap: var(--space-4);
      padding-block-start: var(--space-5);
    }

    p {
      max-width: var(--measure);
    }
  `,
})
export class AccessibilityPage {}
