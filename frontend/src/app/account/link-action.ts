import { Component, effect, ElementRef, input, signal, untracked, viewChild } from '@angular/core';
import { Problem, toProblem } from '../api/problem';
import { FormProblem } from '../ui/form-problem';

/**
 * The page that a link in a mail opens. Opening it changes nothing, because virus scanners open
 * links too: the user presses a button. Content with the attribute `before` is shown first, then
 * content with `done`, or with `invalid` if the link is not valid.
 */
@Component({
  selector: 'mq-link-action',
  imports: [FormProblem],
  template: `
    <div class="wrap page">
      <h1 #title class="page-title" tabindex="-1">{{ done() ? doneHeading() : heading() }}</h1>
      @if (done()) {
        <div class="column" role="status"><ng-content select="[done]" /></div>
      } @else if (token() === null || invalid()) {
        <div class="column">
          <div class="notice bad" role="alert">
            <p class="heading">This link is not valid</p>
            <p>It was used already, has expired, or is not complete.</p>
          </div>
          <ng-content select="[invalid]" />
        </div>
      } @else {
        <div class="column">
          <ng-content select="[before]" />
          <mq-form-problem [problem]="problem()" />
          <button type="button" class="button action" [attr.aria-disabled]="busy()" (click)="act()">
            {{ busy() ? 'One moment …' : yes() }}
          </button>
        </div>
      }
    </div>
  `,
  styleUrl: './account-page.css',
})
export class LinkAction {
  readonly token = input.required<string | null>();
  readonly heading = input.required<string>();
  readonly doneHeading = input.required<string>();
  readonly yes = input.required<string>();
  readonly action = input.required<(token: string) => Promise<void>>();

  protected readonly busy = signal(false);
  protected readonly done = signal(false);
  protected readonly invalid = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  private readonly headingElement = viewChild.required<ElementRef<HTMLElement>>('title');

  constructor() {
    effect(() => {
      this.token();
      untracked(() => {
        this.done.set(false);
        this.invalid.set(false);
        this.problem.set(null);
      });
    });
  }

  protected async act(): Promise<void> {
    const token = this.token();
    if (this.busy() || token === null) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.action()(token);
      this.done.set(true);
      // The button that was pressed is gone.
      this.headingElement().nativeElement.focus();
    } catch (error) {
      const problem = toProblem(error);
      if (problem.type === '/problems/link-not-valid') this.invalid.set(true);
      else this.problem.set(problem);
    } finally {
      this.busy.set(false);
    }
  }
}
