import { Component, computed, inject, input, output, signal } from '@angular/core';
import { form, FormRoot, required } from '@angular/forms/signals';
import { SecondFactorClient } from '../api/second-factor-client';
import { SecondFactorSetup } from '../api/shapes';
import { submitting } from '../api/submitting';
import { Refusal } from '../session/refusal';
import { QrCode } from '../ui/qr-code';
import { TextField } from '../ui/text-field';

/** Connects an authenticator app: a QR code, and the first code of the app. */
@Component({
  selector: 'mq-factor-setup',
  imports: [FormRoot, QrCode, Refusal, TextField],
  template: `
    <form [formRoot]="form">
      <p>
        1. Scan this QR code with an authenticator app on your phone. Or type the secret into the
        app.
      </p>
      <mq-qr-code class="qr" label="QR code for an authenticator app" [text]="setup().address" />
      <p>
        Secret: <strong class="secret">{{ secret() }}</strong>
      </p>
      <p>2. Enter the code that the app shows.</p>
      @if (sending.problem(); as problem) {
        <mq-refusal [problem]="problem" />
      }
      <mq-text-field
        name="first-code"
        label="Code of the app"
        hint="Six digits."
        autocomplete="one-time-code"
        inputMode="numeric"
        [field]="form.code"
      />
      <div class="actions">
        <button type="submit" class="button action" [attr.aria-disabled]="form().submitting()">
          {{ form().submitting() ? 'One moment …' : 'Turn it on' }}
        </button>
        <button type="button" class="button" (click)="abandoned.emit()">Cancel</button>
      </div>
    </form>
  `,
  styles: `
    form {
      display: grid;
      gap: var(--space-3);
      max-width: 26rem;
    }

    .qr {
      width: 14rem;
      max-width: 100%;
      border: 1px solid var(--line);
    }

    .secret {
      overflow-wrap: anywhere;
    }
  `,
})
export class FactorSetup {
  readonly setup = input.required<SecondFactorSetup>();
  /** The recovery codes: the second factor is on. */
  readonly enabled = output<string[]>();
  readonly abandoned = output();

  readonly #factor = inject(SecondFactorClient);
  protected readonly secret = computed(() => this.setup().secret.replaceAll(/(.{4})(?=.)/g, '$1 '));
  protected readonly entered = signal({ code: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ code }) => this.enabled.emit(await this.#factor.enable(code)),
    { fieldOfType: { '/problems/second-factor-wrong': 'code' } },
  );
  protected readonly form = form(
    this.entered,
    (path) => required(path.code, { message: 'Enter the code.' }),
    { submission: this.sending.submission },
  );
}
