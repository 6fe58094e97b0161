// Opens the site without network. Its cache holds files of the site only, never an answer of the
// API and no page for admins: src/app/session/device-bookings.ts keeps a person's own bookings.
//
// scripts/write-service-worker.mjs fills in BUILD and FILES. So the service worker of each build is
// another one, which replaces the one before together with its cache.
const CACHE = 'marquee-' + BUILD;
// Without the list of events that the server puts into '/'.
const SHELL = '/index.html';
/** How long a page may take from the network before it opens from this device. */
const PATIENCE_MS = 4000;

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(deleteOldCaches().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  // /api-docs as well.
  if (pathname.startsWith('/api') || /^\/admin(\/|$)/.test(pathname)) return;
  if (request.mode === 'navigate') event.respondWith(openPage(request));
  else if (FILES.includes(pathname)) event.respondWith(openFile(request));
});

async function deleteOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** The server's page; the one of this device when the server is away or keeps one waiting. */
async function openPage(request) {
  const answer = fetch(request).then((response) => (response.status < 500 ? response : null));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const inTime = await Promise.race([answer, late]).catch(() => null);
  // The nonce of the kept page is in its header as well, so its policy still allows its styles.
  return inTime ?? (await kept(SHELL)) ?? fetch(request);
}

async function openFile(request) {
  return (await kept(request)) ?? fetch(request);
}

async function kept(request) {
  const cache = await caches.open(CACHE);
  return cache.match(request, { ignoreVary: true });
}
