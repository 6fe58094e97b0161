// What the build has written.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'browser');

/** The scripts and styles that index.html names. */
export function filesOfIndex() {
  const index = readFileSync(join(root, 'index.html'), 'utf8');
  return [...index.matchAll(/(?:src|href)="\/?([^"]+\.(?:js|css))"/g)].map((match) => match[1]);
}

/** The chunk of a lazy route: `namedChunks` in angular.json calls it after its file. */
export function chunkOf(file) {
  const found = globSync(`${file}-????????.js`, { cwd: root });
  if (found.length !== 1) throw new Error(`There are ${found.length} chunks of ${file}.`);
  return found[0];
}

/** These files, and all that load with them. */
export function withStaticImports(files) {
  const found = new Set();
  const waiting = [...files];
  while (waiting.length > 0) {
    const file = waiting.pop();
    if (found.has(file)) continue;
    found.add(file);
    if (!file.endsWith('.js')) continue;
    const source = readFileSync(join(root, file), 'utf8');
    // Only static imports load with a file; import("…") is what lazy routes compile to.
    for (const match of source.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
      waiting.push(match[1]);
  }
  return [...found];
}
