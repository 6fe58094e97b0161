// Writes a Brotli and a gzip form beside each file of the build that gets smaller by it. The server
// sends them to browsers that accept them (app/http/pages.py).
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'browser');
const FORMS = { '.br': brotliCompressSync, '.gz': (bytes) => gzipSync(bytes, { level: 9 }) };

for (const file of globSync('**/*.{js,css,svg,json,txt,webmanifest}', { cwd: root })) {
  const bytes = readFileSync(join(root, file));
  for (const [ending, compress] of Object.entries(FORMS)) {
    const compressed = compress(bytes);
    if (compressed.length < bytes.length) writeFileSync(join(root, file + ending), compressed);
  }
}
