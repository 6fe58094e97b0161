import { HttpErrorResponse, HttpInterceptorFn } from '@angular/common/http';
import { inject, Injector } from '@angular/core';
import { tap } from 'rxjs';
import { toProblem } from '../api/problem';
import { CurrentSession } from './current-session';

/** A session can end in another tab or after thirty days; the header must then stop greeting. */
export const sessionInterceptor: HttpInterceptorFn = (request, next) => {
  const injector = inject(Injector);
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (
          error instanceof HttpErrorResponse &&
          toProblem(error).type === '/problems/not-signed-in'
        ) {
          injector.get(CurrentSession).ended();
        }
      },
    }),
  );
};
