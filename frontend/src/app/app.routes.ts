import { Routes } from '@angular/router';
import { isAdmin, signedIn } from './session/session-guards';

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
