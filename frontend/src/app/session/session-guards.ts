import { inject } from '@angular/core';
import { CanActivateFn, CanMatchFn, Router } from '@angular/router';
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

/** Lets a route exist for admins only: nobody else downloads what it loads. */
export const isAdmin: CanMatchFn = async () => {
  const session = inject(CurrentSession);
  await session.known;
  return session.isAdmin();
};
