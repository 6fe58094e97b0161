import { isDevMode } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app/app';
import { appConfig } from './app/app.config';

/** How long the first page waits for its type; on a slower network it is set in the system's. */
const PATIENCE_MS = 1500;

/** Type that arrived after the first paint would move everything, so it comes before or not at all. */
async function loadType(): Promise<void> {
  const faces = ['800 1em "Bricolage Grotesque"', '1em "Hanken Grotesk"'];
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  const loaded = Promise.all(faces.map((face) => document.fonts.load(face))).then(
    (found) => found.every(({ length }) => length > 0),
    () => false,
  );
  if (await Promise.race([loaded, late])) document.documentElement.classList.add('typeset');
}

/** Trusted Types (w3.org/TR/trusted-types), as far as they are needed; TypeScript has no types for it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: () => string },
  ): { createScriptURL(url: string): string };
}

/**
 * The address of the service worker, in the form in which browsers take one: the page's policy
 * forbids them to run a script from an address that is an ordinary text.
 */
function serviceWorkerAddress(): string {
  const address = '/service-worker.js';
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('marquee', { createScriptURL: () => address });
  return policy?.createScriptURL(address) ?? address;
}

/** Without it, where a browser has none or forbids it, the site works with network only. */
async function openWithoutNetwork(): Promise<void> {
  if (isDevMode()) return;
  await navigator.serviceWorker?.register(serviceWorkerAddress()).catch(() => undefined);
}

void loadType()
  .then(() => bootstrapApplication(App, appConfig))
  .then(openWithoutNetwork);
