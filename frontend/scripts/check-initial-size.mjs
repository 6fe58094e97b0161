// Fails the build when the JavaScript a first visit must download is over budget.
// angular.json can only limit raw bytes; what people wait for is the compressed size.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 150;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'browser');
const index = readFileSync(join(root, 'index.html'), 'utf8');

const waiting = [...index.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map((match) => match[1]);
const initial = new Set();
while (waiting.length > 0) {
  const file = waiting.pop();
  if (initial.has(file)) continue;
  initial.add(file);
  const source = readFileSync(join(root, file), 'utf8');
  // Only static imports load with the page; import("…") is what lazy routes compile to.
  for (const match of source.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g))
    waiting.push(match[1]);
}

const files = [...initial].map((file) => join(root, file));
const raw = files.reduce((sum, file) => sum + statSync(file).size, 0);
const compressed = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
const kb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
process.stdout.write(
  `Initial JavaScript: ${files.length} files, ${kb(raw)} raw, ${kb(compressed)} gzipped (limit ${LIMIT_KB} kB)\n`,
);
if (compressed > LIMIT_KB * 1000) {
  process.stderr.write('Over budget: load something lazily.\n');
  process.exit(1);
}
