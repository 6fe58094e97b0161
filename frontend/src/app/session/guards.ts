import { inject } from '@angular/core';
import { CanActivateFn, Router } from '@angular/router';
import { CurrentSession } from './current-session';

/** Sends who is not signed in to sign in, and brings them back afterwards. */
export const signedIn: CanActivateFn = async (_route, state) => {
  const session = inject(CurrentSession);
  const router = inject(Router);
  await session.known;
  return (
    session.user() != null ||
    router.createUrlTree(['/sign-in'], { queryParams: { return: state.url } })
  );
};
