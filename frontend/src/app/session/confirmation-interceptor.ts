import { HttpErrorResponse, HttpInterceptorFn } from '@angular/common/http';
import { inject } from '@angular/core';
import { catchError, from, switchMap, throwError } from 'rxjs';
import { toProblem } from '../api/problem';
import { Confirmation } from './confirmation';

/**
 * Repeats a request that was refused because the password was not given for a while, once the person
 * has given it. Where the person does not, the refusal is passed on.
 */
export const confirmationInterceptor: HttpInterceptorFn = (request, next) => {
  const confirmation = inject(Confirmation);
  return next(request).pipe(
    catchError((error: unknown) => {
      if (
        !(error instanceof HttpErrorResponse) ||
        toProblem(error).type !== '/problems/confirmation-required'
      ) {
        return throwError(() => error);
      }
      const { second_factor } = error.error as { second_factor: boolean };
      return from(confirmation.ask({ secondFactor: second_factor })).pipe(
        switchMap((isGiven) => (isGiven ? next(request) : throwError(() => error))),
      );
    }),
  );
};
