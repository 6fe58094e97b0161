import { FieldTree, ValidationError } from '@angular/forms/signals';
import { Problem } from './problem';

export interface FormErrors {
  /** Errors that belong beside a field, as `submit()` wants them returned. */
  fields: ValidationError.WithFieldTree[];
  /** An error that belongs to no field, or null. */
  message: string | null;
}

/**
 * Puts each of a problem's errors beside the field its pointer names, the rest in a message.
 * `fieldOfType` names the field for problems that mean one field without a pointer
 * (a taken phone, for one).
 */
export function formErrors<T extends object>(
  form: FieldTree<T>,
  problem: Problem,
  fieldOfType: Partial<Record<string, keyof T & string>> = {},
): FormErrors {
  const ownField = fieldOfType[problem.type];
  const errors =
    ownField === undefined
      ? (problem.errors ?? [])
      : [{ pointer: `/${ownField}`, detail: problem.detail }];
  const fields: ValidationError.WithFieldTree[] = [];
  const rest: string[] = [];
  for (const { pointer, detail } of errors) {
    const fieldTree = fieldAt(form, pointer);
    if (fieldTree === null) rest.push(detail);
    else fields.push({ fieldTree, kind: 'server', message: detail });
  }
  if (fields.length === 0 && rest.length === 0) rest.push(problem.detail);
  return { fields, message: rest.length > 0 ? rest.join(' ') : null };
}

function fieldAt(form: unknown, pointer: string): FieldTree<unknown> | null {
  let node = form as FieldTree<unknown> & Record<string, FieldTree<unknown> | undefined>;
  const names = pointer.split('/').slice(1);
  for (const escaped of names) {
    const child = node[escaped.replaceAll('~1', '/').replaceAll('~0', '~')];
    if (child === undefined) return null;
    node = child as typeof node;
  }
  return names.length > 0 ? node : null;
}
