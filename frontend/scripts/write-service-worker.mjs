// Writes the service worker of this build: with a name made of the files it keeps, and their list.
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chunkOf, filesOfIndex, root, withStaticImports } from './built-files.mjs';

// What can be opened without network.
const PAGES = ['my-bookings-page', 'booking-page', 'events-page', 'sign-in-page', 'not-found-page'];

const scripts = withStaticImports([...filesOfIndex(), ...PAGES.map(chunkOf)]);
const others = globSync('{favicon.svg,site.webmanifest,icons/*,fonts/*}', { cwd: root });
const files = [...new Set([...scripts, ...others])].sort();

const hash = createHash('sha256');
for (const file of ['index.html', ...files]) hash.update(readFileSync(join(root, file)));
const build = hash.digest('hex').slice(0, 12);

const source = readFileSync(new URL('../src/service-worker.js', import.meta.url), 'utf8');
const list = JSON.stringify(['/index.html', ...files.map((file) => `/${file}`)], null, 2);
const values = `const BUILD = '${build}';\nconst FILES = ${list};\n\n`;
writeFileSync(join(root, 'service-worker.js'), values + source);
