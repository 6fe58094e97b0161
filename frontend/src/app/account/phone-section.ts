import {
  Component,
  computed,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { AccountClient } from '../api/account-client';
import { Problem, toProblem } from '../api/problem';
import { Account, PhoneCodeSent, User } from '../api/shapes';
import { formatPhone } from '../formats/phone';
import { CurrentSession } from '../session/current-session';
import { PhoneCodeForm } from './phone-code-form';
import { PhoneForm } from './phone-form';
import { FormProblem } from '../ui/form-problem';

/** The phone of the account: whose it is, and how it is confirmed and changed. */
@Component({
  selector: 'mq-phone-section',
  imports: [FormProblem, PhoneCodeForm, PhoneForm],
  templateUrl: './phone-section.html',
  styleUrl: './phone-section.css',
})
export class PhoneSection {
  readonly account = input.required<Account>();
  /** The account with another phone, or with a phone that is confirmed now. */
  readonly changed = output<Account>();

  readonly #accounts = inject(AccountClient);
  readonly #session = inject(CurrentSession);
  private readonly heading = viewChild.required<ElementRef<HTMLElement>>('heading');

  protected readonly phone = computed(() => formatPhone(this.account().phone));
  protected readonly state = computed(() => {
    const { phone_lost, phone_verified } = this.account();
    if (phone_lost) return 'Somebody else’s now';
    return phone_verified ? 'Confirmed' : 'Not confirmed';
  });
  protected readonly changing = signal(false);
  protected readonly code = signal<PhoneCodeSent | null>(null);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);

  protected answered(answer: Account | PhoneCodeSent): void {
    this.changing.set(false);
    if ('token' in answer) this.code.set(answer);
    else void this.#show(answer, 'Your phone is changed.');
  }

  protected async sendCode(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    this.said.set('');
    try {
      this.code.set(await this.#accounts.sendPhoneCode());
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }

  protected readonly sendAgain = async (): Promise<void> => {
    if (this.code()?.phone === this.account().phone) {
      this.code.set(await this.#accounts.sendPhoneCode());
      return;
    }
    // Another number needs the password again.
    this.code.set(null);
    this.changing.set(true);
  };

  protected readonly confirmed = async ({ phone }: User): Promise<void> => {
    const account = { ...this.account(), phone: phone ?? '' };
    await this.#show(
      { ...account, phone_verified: true, phone_lost: false },
      'The number is confirmed.',
    );
  };

  protected abandon(): void {
    this.changing.set(false);
    this.code.set(null);
    this.heading().nativeElement.focus();
  }

  async #show(account: Account, said: string): Promise<void> {
    this.code.set(null);
    this.problem.set(null);
    this.said.set(said);
    this.changed.emit(account);
    // What was pressed is gone.
    this.heading().nativeElement.focus();
    await this.#session.refreshEverywhere();
  }
}
