import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultMaxRatio } from '../../src/formats/decoding/decoding-options';
import { defaultFormReaderLimits as readerLimits } from '../../src/formats/form-reader';
import { defaultMaxLineLength } from '../../src/formats/line-settings';
import { defaultMultipartOptions } from '../../src/formats/multipart-options';
import { defaultMaxLines } from '../../src/formats/read-all-lines';
import { defaultLimit } from '../../src/formats/read-bytes';
import { defaultMaxDepth, defaultMaxElementLength } from '../../src/formats/read-json-array';
import { defaultFormLimits } from '../../src/middleware/form/form-options';
import { defaultLinesLimit } from '../../src/middleware/lines';

const page = readFileSync(resolve(__dirname, '../../SECURITY.md'), 'utf8');
const { parts, fields, files, fieldNameSize, fieldSize, fileSize, totalSize } = defaultFormLimits;

test.each<[string, number[]]>([
  ['| `json()`, `text()`', [defaultLimit]],
  ['| `lines()`, `ndjson()`: bytes', [defaultLinesLimit]],
  ['| `lines()`, `ndjson()`: lines', [defaultMaxLines]],
  ['| `readLines()`', [defaultMaxLineLength]],
  ['| `readJsonArray()`', [defaultMaxElementLength, defaultMaxDepth]],
  ['| `form()`: bytes of the body', [totalSize]],
  ['| `form()`: parts', [parts, fields, files]],
  ['| `form()`: bytes of a name', [fieldNameSize, fieldSize, fileSize]],
  ['| `form()`: brackets', [defaultFormLimits.fieldNestingDepth, defaultFormLimits.fieldArrayIndexLimit]],
  ['| `MultipartReader`', [defaultMultipartOptions.headersCountLimit, defaultMultipartOptions.headersLengthLimit]],
  ['| `FormReader`', [readerLimits.valueCountLimit, readerLimits.keyLengthLimit, readerLimits.valueLengthLimit]],
  ['| decoding: ratio', [defaultMaxRatio]],
])('SECURITY.md says the defaults of %s', (start, numbers) => {
  const row = page.split('\n').find((line) => line.startsWith(start));

  const [, , defaults = ''] = row?.split('|') ?? [];
  expect(defaults.split(';').map((text) => text.replace(/\(.*/, '').trim())).toEqual(
    numbers.map((number) => number.toLocaleString('en-US')),
  );
});
