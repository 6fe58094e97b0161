import { HttpErrorResponse } from '@angular/common/http';
import { TimeoutError } from 'rxjs';
import { components } from './api-types.gen';

type SoldOut = components['schemas']['SoldOutProblem'];

export interface ProblemError {
  in?: string;
  pointer: string;
  detail: string;
}

/** A problem as the API sends it (RFC 9457), in words that a person can act on. */
export interface Problem extends Partial<Pick<SoldOut, 'available'>> {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id?: string;
  errors?: ProblemError[];
}

const OFFLINE: Problem = {
  type: '/problems/offline',
  title: 'No connection',
  status: 0,
  detail: 'Marquee could not be reached. Check your connection, then try again.',
};

const UNEXPECTED: Problem = {
  type: '/problems/internal',
  title: 'Something went wrong on our side',
  status: 500,
  detail: 'It is not your fault and nothing you typed is lost. Try again in a moment.',
};

/** The number of such a request would help nobody. */
const SIGNED_OUT: Problem = {
  type: '/problems/not-signed-in',
  title: 'You were signed out',
  status: 401,
  detail: 'Sign in again to go on.',
};

/** Turns anything that a request threw into a problem; never throws, never shows internals. */
export function toProblem(error: unknown): Problem {
  if (error instanceof TimeoutError) return OFFLINE;
  const response = findResponse(error);
  if (response === null) return UNEXPECTED;
  if (response.status === 0) return OFFLINE;
  if (!isProblem(response.error)) return { ...UNEXPECTED, status: response.status };
  if (response.error.type === SIGNED_OUT.type) return SIGNED_OUT;
  // The server's message about a bug is of no use to a person.
  if (response.status === 500) return { ...response.error, ...UNEXPECTED };
  return { ...response.error, detail: response.error.detail || response.error.title };
}

/** The server did not answer, or failed (5xx). The request may or may not have had an effect. */
export function isAway(problem: Problem): boolean {
  return problem.status === 0 || problem.status >= 500;
}

/** httpResource wraps a response that is not an Error: then the response is the cause. */
function findResponse(error: unknown): HttpErrorResponse | null {
  if (error instanceof HttpErrorResponse) return error;
  if (error instanceof Error && error.cause !== undefined) return findResponse(error.cause);
  return null;
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    typeof (body as Problem).type === 'string' &&
    typeof (body as Problem).title === 'string' &&
    typeof (body as Problem).status === 'number'
  );
}
