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
import { sessionInterceptor } from './session/session-interceptor';
import { NavigationFailure } from './shell/navigation-failure';
import { PageTitle } from './shell/page-title';

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideHttpClient(withInterceptors([sessionInterceptor])),
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
