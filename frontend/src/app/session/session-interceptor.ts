import { HttpErrorResponse, HttpInterceptorFn } from '@angular/common/http';
import { inject, Injector } from '@angular/core';
import { tap } from 'rxjs';
import { POLLED } from '../api/polled';
import { toProblem } from '../api/problem';
import { CurrentSession } from './current-session';

/**
 * A session can end in another browser, or because nobody used it. What was pressed then says so
 * beside itself. When the page has asked by itself, nobody waits for an answer, and the page is left
 * as if another tab had signed its user out.
 */
export const sessionInterceptor: HttpInterceptorFn = (request, next) => {
  const injector = inject(Injector);
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (
          error instanceof HttpErrorResponse &&
          toProblem(error).type === '/problems/not-signed-in'
        ) {
          const session = injector.get(CurrentSession);
          if (request.context.get(POLLED)) void session.refreshEverywhere();
          else session.ended();
        }
      },
    }),
  );
};
