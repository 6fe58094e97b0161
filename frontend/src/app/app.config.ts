import { APP_BASE_HREF } from '@angular/common';
import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { ApplicationConfig, inject, provideBrowserGlobalErrorListeners } from '@angular/core';
import {
  provideRouter,
  TitleStrategy,
  withComponentInputBinding,
  withInMemoryScrolling,
  withNavigationErrorHandler,
  withRouterConfig,
} from '@angular/router';
import { routes } from './app.routes';
import { serverClockInterceptor } from './api/server-clock';
import { confirmationInterceptor } from './session/confirmation-interceptor';
import { sessionInterceptor } from './session/session-interceptor';
import { NavigationFailure } from './shell/navigation-failure';
import { PageTitle } from './shell/page-title';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    // The page has no <base>: its Content-Security-Policy allows none, so that nobody can plant one.
    { provide: APP_BASE_HREF, useValue: '/' },
    provideHttpClient(
      withInterceptors([serverClockInterceptor, confirmationInterceptor, sessionInterceptor]),
    ),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      // The handler tells the person; the error must not go on to the console as well.
      withRouterConfig({ resolveNavigationPromiseOnError: true }),
      withNavigationErrorHandler((error) => inject(NavigationFailure).at(error.url)),
    ),
    { provide: TitleStrategy, useExisting: PageTitle },
  ],
};
