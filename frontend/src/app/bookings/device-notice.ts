import { Component, computed, input, output } from '@angular/core';
import { shortMoment } from '../formats/moment';

/** Says that what follows comes from this device, and of when it is. */
@Component({
  selector: 'mq-device-notice',
  template: `
    <div class="notice warn screen-only" role="status">
      <p>
        Marquee could not be reached. This page is shown from this device, as it was on
        {{ when() }}.
      </p>
      <button type="button" class="button" (click)="retry.emit()">Try again</button>
    </div>
  `,
})
export class DeviceNotice {
  /** RFC 3339. */
  readonly keptAt = input.required<string>();
  readonly retry = output();

  protected readonly when = computed(() => shortMoment(this.keptAt()));
}
