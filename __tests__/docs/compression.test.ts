import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  defaultLevel,
  defaultMemLevel,
  defaultThreshold,
  defaultWindowBits,
} from '../../src/middleware/compress/compress-options';
import { codingNames } from '../../src/middleware/compress/content-codings';
import { largestWholeBody } from '../../src/middleware/compress/encoded-body';

const page = readFileSync(join(__dirname, '../../docs/compression.md'), 'utf8');
const inEnglish = (value: number) => value.toLocaleString('en');

test.each([
  ['threshold', inEnglish(defaultThreshold)],
  ['level', String(defaultLevel)],
  ['memLevel', String(defaultMemLevel)],
  ['windowBits', String(defaultWindowBits)],
  ['encodings', `\`[${codingNames.map((name) => `'${name}'`).join(', ')}]\``],
])('docs/compression.md tells the default of "%s"', (name, value) => {
  const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\``));

  expect(row?.split('|')[3]?.trim()).toBe(value);
});

test('docs/compression.md tells up to which length a body is compressed at once', () => {
  expect(page).toContain(`up to ${inEnglish(largestWholeBody)} bytes`);
});
