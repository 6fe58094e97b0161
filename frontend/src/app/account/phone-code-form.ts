import {
  afterNextRender,
  Component,
  ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { form, FormRoot, pattern, required } from '@angular/forms/signals';
import { AccountClient } from '../api/account-client';
import { Problem, toProblem } from '../api/problem';
import { PhoneCodeSent, User } from '../api/shapes';
import { submitting } from '../api/submitting';
import { formatPhone } from '../formats/phone';
import { TextField } from '../ui/text-field';
import { FormProblem } from '../ui/form-problem';

/** Takes the code that was sent to a phone, and offers to take the number over. */
@Component({
  selector: 'mq-phone-code-form',
  imports: [FormProblem, FormRoot, TextField],
  templateUrl: './phone-code-form.html',
  styles: `
    form,
    .words {
      display: grid;
      gap: var(--space-3);
      max-width: 26rem;
    }

    .phone {
      white-space: nowrap;
    }
  `,
})
export class PhoneCodeForm {
  readonly sent = input.required<PhoneCodeSent>();
  /** What follows once the number is proven. */
  readonly afterwards = input.required<(owner: User) => Promise<void>>();
  /** Has another code sent. */
  readonly again = input.required<() => Promise<void>>();
  readonly abandoned = output();

  readonly #accounts = inject(AccountClient);
  private readonly words = viewChild.required<ElementRef<HTMLElement>>('words');

  protected readonly formatPhone = formatPhone;
  /** The code was right, and another account has the number. */
  protected readonly taken = signal(false);
  readonly #takeOver = signal(false);
  readonly #owner = signal<User | null>(null);
  protected readonly busy = signal(false);
  protected readonly said = signal('');
  protected readonly problem = signal<Problem | null>(null);
  protected readonly entered = signal({ code: '' });
  protected readonly sending = submitting(
    this.entered,
    async ({ code }) => {
      this.problem.set(null);
      this.said.set('');
      // The code is used up; what follows may have failed.
      const owner =
        this.#owner() ??
        (await this.#accounts.verifyPhone(this.sent().token, code, this.#takeOver()));
      this.#owner.set(owner);
      await this.afterwards()(owner);
    },
    {
      fieldOfType: { '/problems/code-wrong': 'code' },
      refused: (problem) => {
        this.taken.set(problem.type === '/problems/phone-in-use');
        this.#takeOver.set(false);
        if (this.taken()) return null;
        // Beside its field the title is not shown.
        return problem.type === '/problems/code-wrong'
          ? { ...problem, detail: `${problem.title}. ${problem.detail}` }
          : problem;
      },
    },
  );
  protected readonly form = form(
    this.entered,
    (path) => {
      required(path.code, { message: 'Enter the code from the text message.' });
      pattern(path.code, /^\s*(\d\s*){6}$/, { message: 'The code has six digits.' });
    },
    { submission: this.sending.submission },
  );

  constructor() {
    // What was pressed is gone.
    afterNextRender(() => this.words().nativeElement.focus());
  }

  protected takeOver(submit: HTMLButtonElement): void {
    this.#takeOver.set(true);
    submit.click();
  }

  protected async sendAgain(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    this.said.set('');
    this.taken.set(false);
    try {
      await this.again()();
      this.entered.set({ code: '' });
      this.said.set('Another code is on its way. The one from before is of no use.');
    } catch (error) {
      this.problem.set(toProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
