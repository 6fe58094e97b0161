import { Component, computed, input } from '@angular/core';
import { Problem } from '../api/problem';

/**
 * Why a form or a button did nothing: the title of the problem, its detail if that says more, and
 * what is projected. Without a problem nothing is shown.
 */
@Component({
  selector: 'mq-form-problem',
  host: { '[hidden]': 'problem() === null' },
  template: `
    @if (problem(); as problem) {
      <div class="notice bad" role="alert">
        <p class="heading">{{ problem.title }}</p>
        @if (saysMore()) {
          <p>{{ problem.detail }}</p>
        }
        <ng-content />
      </div>
    }
  `,
  styles: `
    :host {
      display: block;
    }
  `,
})
export class FormProblem {
  readonly problem = input.required<Problem | null>();

  protected readonly saysMore = computed(() => {
    const problem = this.problem();
    return problem !== null && problem.detail !== `${problem.title}.`;
  });
}
