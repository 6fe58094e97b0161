// Fails the build when the JavaScript a first visit must download is over budget.
// angular.json can only limit raw bytes; what people wait for is the compressed size.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { filesOfIndex, root, withStaticImports } from './built-files.mjs';

const LIMIT_KB = 150;
const initial = withStaticImports(filesOfIndex()).filter((file) => file.endsWith('.js'));

const files = initial.map((file) => join(root, file));
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
