import { inject } from '@angular/core';
import { CanActivateFn, CanMatchFn, Router } from '@angular/router';
import { CurrentSession } from './current-session';

/**
 * Sends who is not signed in to sign in, and brings them back afterwards. An admin who needs a second
 * factor sets it up first.
 */
export const signedIn: CanActivateFn = async (_route, state) => {
  const session = inject(CurrentSession);
  const router = inject(Router);
  await session.known;
  if (session.user() == null) {
    return router.createUrlTree(['/sign-in'], { queryParams: { return: state.url } });
  }
  return session.secondFactor() !== 'missing' || router.createUrlTree(['/second-factor']);
};

/** Lets people open a page who are signed in, whatever their account lacks. */
export const signedInAtAll: CanActivateFn = async (_route, state) => {
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
  const router = inject(Router);
  await session.known;
  const isMissing = session.secondFactor() === 'missing';
  return isMissing ? router.createUrlTree(['/second-factor']) : session.isAdmin();
};
