import { Routes } from '@angular/router';
import { AdminLayout } from './admin-layout';
import { keepUnsaved } from './event-form/unsaved-guard';

export const adminRoutes: Routes = [
  {
    path: '',
    component: AdminLayout,
    children: [
      {
        path: '',
        pathMatch: 'full',
        title: 'Admin',
        loadComponent: () => import('./overview/overview-page').then((file) => file.OverviewPage),
      },
      {
        path: 'events/new',
        title: 'New event',
        canDeactivate: [keepUnsaved],
        loadComponent: () =>
          import('./event-form/new-event-page').then((file) => file.NewEventPage),
      },
      {
        path: 'events/:id/edit',
        canDeactivate: [keepUnsaved],
        loadComponent: () =>
          import('./event-form/edit-event-page').then((file) => file.EditEventPage),
      },
      {
        path: 'events/:id',
        loadComponent: () => import('./event/admin-event-page').then((file) => file.AdminEventPage),
      },
      {
        path: 'check-in',
        title: 'Check-in',
        loadComponent: () => import('../check-in/check-in-page').then((file) => file.CheckInPage),
      },
      {
        path: '**',
        title: 'Page not found',
        loadComponent: () => import('../shell/not-found-page').then((file) => file.NotFoundPage),
      },
    ],
  },
];
