import { Routes } from '@angular/router';
import { AdminLayout } from './admin-layout';
import { keepUnsaved } from './unsaved-guard';

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
        path: 'events/:id/copies',
        loadComponent: () =>
          import('./event-copies/event-copies-page').then((file) => file.EventCopiesPage),
      },
      {
        path: 'events/:id/message',
        canDeactivate: [keepUnsaved],
        loadComponent: () =>
          import('./event-message/event-message-page').then((file) => file.EventMessagePage),
      },
      {
        path: 'events/:id/pass',
        loadComponent: () => import('./tokens/door-pass-page').then((file) => file.DoorPassPage),
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
        path: 'people',
        title: 'People',
        loadComponent: () => import('./people/people-page').then((file) => file.PeoplePage),
      },
      {
        path: 'webhooks',
        title: 'Webhooks',
        loadComponent: () => import('./webhooks/webhooks-page').then((file) => file.WebhooksPage),
      },
      {
        path: 'webhooks/new',
        title: 'New webhook',
        loadComponent: () =>
          import('./webhooks/new-webhook-page').then((file) => file.NewWebhookPage),
      },
      {
        path: 'webhooks/:id',
        title: 'Webhook',
        loadComponent: () => import('./webhooks/webhook-page').then((file) => file.WebhookPage),
      },
      {
        path: 'tokens',
        title: 'Tokens and passes',
        loadComponent: () => import('./tokens/tokens-page').then((file) => file.TokensPage),
      },
      {
        path: 'tokens/new',
        title: 'New token',
        loadComponent: () => import('./tokens/new-token-page').then((file) => file.NewTokenPage),
      },
      {
        path: '**',
        title: 'Page not found',
        loadComponent: () => import('../shell/not-found-page').then((file) => file.NotFoundPage),
      },
    ],
  },
];
