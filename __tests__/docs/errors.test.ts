import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
  .join('\n');

const found = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();

test('every code of an error has a heading in docs/errors.md, and every heading is a code', () => {
  expect(found(page, /^### (ERR_PIPE_\w+)$/gm)).toEqual(found(source, /'(ERR_PIPE_\w+)'/g));
});

test('every type of an HTTP error is in the table of docs/errors.md, and every row is a type', () => {
  expect(found(page, /^\| `([a-zA-Z.]+)` \| \d/gm)).toEqual(found(source, /type: '([a-z]+(?:\.[a-zA-Z]+)+)'/g));
});
