import { Component, computed, DOCUMENT, inject, input, output, signal } from '@angular/core';
import { PasswordCode, UserAccount } from '../../api/admin-shapes';
import { PasswordCodesClient } from '../../api/password-codes-client';
import { Problem, toProblem } from '../../api/problem';
import { formatPhone } from '../../formats/phone';
import { Refusal } from '../../session/refusal';
import { Icon } from '../../ui/icon';
import { IsolatedPipe } from '../../ui/isolated-pipe';
import { QrCode } from '../../ui/qr-code';

/**
 * A customer who was created at the box office, or forgot a password, gets a code and chooses a
 * password with it. The box office does not learn the password.
 */
@Component({
  selector: 'mq-customer-password-code',
  imports: [Icon, IsolatedPipe, QrCode, Refusal],
  templateUrl: './customer-password-code.html',
  styleUrl: './customer-password-code.css',
})
export class CustomerPasswordCode {
  readonly customer = input.required<UserAccount>();
  readonly abandoned = output();

  readonly #codes = inject(PasswordCodesClient);
  readonly #page = inject(DOCUMENT);

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly made = signal<PasswordCode | null>(null);
  protected readonly address = `${this.#page.location.origin}/set-password`;
  /** The code is behind the #: a browser keeps that to itself, so no server logs it. */
  protected readonly link = computed(() => `${this.address}#${this.made()?.code ?? ''}`);
  protected readonly phone = computed(() => formatPhone(this.customer().phone));

  protected async make(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      this.made.set(await this.#codes.make(this.customer().id));
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected print(): void {
    this.#page.defaultView?.print();
  }
}
