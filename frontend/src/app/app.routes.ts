import { Routes } from '@angular/router';
import { isAdmin, signedIn, signedInAtAll } from './session/session-guards';

export const routes: Routes = [
  {
    path: '',
    pathMatch: 'full',
    title: 'What’s on',
    loadComponent: () => import('./events/list/events-page').then((file) => file.EventsPage),
  },
  {
    path: 'events/:id',
    loadComponent: () => import('./events/page/event-page').then((file) => file.EventPage),
  },
  {
    path: 'bookings',
    pathMatch: 'full',
    title: 'My bookings',
    canActivate: [signedIn],
    loadComponent: () =>
      import('./bookings/mine/my-bookings-page').then((file) => file.MyBookingsPage),
  },
  {
    path: 'bookings/:id',
    canActivate: [signedIn],
    loadComponent: () => import('./bookings/page/booking-page').then((file) => file.BookingPage),
  },
  {
    path: 'notices',
    title: 'Notices',
    canActivate: [signedIn],
    loadComponent: () => import('./notices/notices-page').then((file) => file.NoticesPage),
  },
  {
    path: 'admin',
    canMatch: [isAdmin],
    loadChildren: () => import('./admin/admin.routes').then((file) => file.adminRoutes),
  },
  {
    path: 'admin',
    title: 'For admins only',
    canActivate: [signedIn],
    children: [
      {
        path: '**',
        loadComponent: () => import('./admin/admins-only-page').then((file) => file.AdminsOnlyPage),
      },
    ],
  },
  {
    path: 'door',
    title: 'Door',
    loadComponent: () => import('./check-in/pass-page').then((file) => file.PassPage),
  },
  {
    path: 'sign-in',
    title: 'Sign in',
    loadComponent: () => import('./account/sign-in-page').then((file) => file.SignInPage),
  },
  {
    path: 'sign-up',
    title: 'Sign up',
    loadComponent: () => import('./account/sign-up-page').then((file) => file.SignUpPage),
  },
  {
    path: 'account',
    title: 'Your account',
    canActivate: [signedIn],
    loadComponent: () => import('./account/my-account-page').then((file) => file.MyAccountPage),
  },
  {
    path: 'account/my-data',
    title: 'Your data',
    canActivate: [signedIn],
    loadComponent: () => import('./account/my-data-page').then((file) => file.MyDataPage),
  },
  {
    path: 'second-factor',
    title: 'Second factor',
    canActivate: [signedInAtAll],
    loadComponent: () =>
      import('./account/second-factor-page').then((file) => file.SecondFactorPage),
  },
  {
    path: 'account-deleted',
    title: 'Your account is deleted',
    loadComponent: () =>
      import('./account/account-deleted-page').then((file) => file.AccountDeletedPage),
  },
  {
    path: 'verify-email',
    title: 'Confirm your address',
    loadComponent: () => import('./account/verify-email-page').then((file) => file.VerifyEmailPage),
  },
  {
    path: 'unsubscribe',
    title: 'Unsubscribe',
    loadComponent: () => import('./account/unsubscribe-page').then((file) => file.UnsubscribePage),
  },
  {
    path: 'forgot-password',
    title: 'Forgotten password',
    loadComponent: () =>
      import('./account/forgot-password-page').then((file) => file.ForgotPasswordPage),
  },
  {
    path: 'reset-password',
    title: 'New password',
    loadComponent: () =>
      import('./account/reset-password-page').then((file) => file.ResetPasswordPage),
  },
  {
    path: 'set-password',
    title: 'Choose a password',
    loadComponent: () => import('./account/set-password-page').then((file) => file.SetPasswordPage),
  },
  {
    path: 'accessibility',
    title: 'Accessibility',
    loadComponent: () =>
      import('./shell/accessibility-page').then((file) => file.AccessibilityPage),
  },
  {
    path: '**',
    title: 'Page not found',
    loadComponent: () => import('./shell/not-found-page').then((file) => file.NotFoundPage),
  },
];
