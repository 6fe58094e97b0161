import { Clipboard } from '@angular/cdk/clipboard';
import { Component, inject, input, signal } from '@angular/core';
import { Icon } from './icon';

/** A new secret, which the page shows this once. What it is for is projected into it. */
@Component({
  selector: 'mq-shown-once',
  imports: [Icon],
  template: `
    <div class="notice warn">
      <p class="heading">Copy the secret now. It is not shown again.</p>
      <p><ng-content /></p>
      <div class="field">
        <label for="new-secret">The new secret</label>
        <input id="new-secret" class="input code" readonly [value]="secret()" />
      </div>
      <button type="button" class="button" (click)="copy()">
        <mq-icon name="copy" />
        Copy secret
      </button>
      <p role="status" class="said">{{ said() }}</p>
    </div>
  `,
  styles: `
    .field {
      width: 100%;
    }

    .code {
      font-family: var(--mono);
    }

    .said:empty {
      display: none;
    }
  `,
})
export class ShownOnce {
  readonly secret = input.required<string>();

  readonly #clipboard = inject(Clipboard);
  protected readonly said = signal('');

  protected copy(): void {
    this.said.set(
      this.#clipboard.copy(this.secret())
        ? 'The secret is copied.'
        : 'This browser does not allow copying. Select the secret instead.',
    );
  }
}
