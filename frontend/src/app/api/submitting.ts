import { Signal, signal } from '@angular/core';
import { FieldTree, FormSubmitOptions } from '@angular/forms/signals';
import { formErrors } from './form-errors';
import { Problem, toProblem } from './problem';

export interface Submitting<T> {
  /** The option of that name of `form()`. */
  readonly submission: FormSubmitOptions<T, unknown>;
  /** Why the last submission was refused, as far as no field can show it. */
  readonly problem: Signal<Problem | null>;
}

export interface SubmittingOptions<T> {
  /** The field that a problem means which has no pointer: a phone that is taken, for one. */
  fieldOfType?: Partial<Record<string, keyof T & string>>;
  /** Rewords a problem; null says that the problem is dealt with elsewhere. */
  refused?: (problem: Problem) => Problem | null | Promise<Problem | null>;
}

/**
 * Sends a form and puts each error of a refusal beside its field. The focus goes to the first
 * field that is wrong, whether the form or the server found it.
 */
export function submitting<T extends object>(
  model: Signal<T>,
  send: (value: T) => Promise<unknown>,
  { fieldOfType, refused = (problem) => problem }: SubmittingOptions<T> = {},
): Submitting<T> {
  const unplaced = signal<Problem | null>(null);
  return {
    problem: unplaced.asReadonly(),
    submission: {
      action: async (form: FieldTree<T>) => {
        unplaced.set(null);
        try {
          await send(model());
          return undefined;
        } catch (error) {
          const problem = await refused(toProblem(error));
          if (problem === null) return undefined;
          const { fields, message } = formErrors(form, problem, fieldOfType);
          if (message !== null) unplaced.set({ ...problem, detail: message });
          fields[0]?.fieldTree().focusBoundControl();
          return fields;
        }
      },
      onInvalid: (form) => form().errorSummary()[0]?.fieldTree().focusBoundControl(),
    },
  };
}
