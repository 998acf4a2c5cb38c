import { gzipSync } from 'node:zlib';
import { post } from '../support/fault-client';
import { type FaultRow, survives } from '../support/fault-rows';
import { FaultServer } from '../support/fault-server';

// security.md, 2, and the table of SECURITY.md: every limit at its edge, and one past it.

jest.setTimeout(30_000);

let server: FaultServer;

beforeAll(async () => {
  server = await FaultServer.start();
});
afterAll(() => server.stop());

const mebibyte = 2 ** 20;
const bytes = (count: number) => Buffer.alloc(count, 'x');
const times = (count: number, text: string) => text.repeat(count);
const type = (name: string) => `Content-Type: ${name}`;
const text = type('text/plain');
const urlencoded = type('application/x-www-form-urlencoded');

const field = (parameters: string, content: Buffer | string = 'x', more = '') =>
  Buffer.concat([
    Buffer.from(`--b\r\n${more}Content-Disposition: form-data; ${parameters}\r\n\r\n`),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ]);
const form = (...fields: Buffer[]) =>
  post('/form', type('multipart/form-data; boundary=b'), Buffer.concat([...fields, Buffer.from('--b--\r\n')]));
const many = (count: number, one: Buffer) => Array.from({ length: count }, () => one);
/** Headers of a section whose bytes are as many as given; the line end of the last one belongs to the empty line. */
const headers = (count: number) => {
  const rest = 'Content-Disposition: form-data; name=a'.length + 'X-A: \r\n'.length;
  return form(field('name=a', 'x', `X-A: ${times(count - rest, 'b')}\r\n`));
};
/** Stored, so that the ratio says nothing. */
const decoded = (count: number) =>
  post('/decompress/default', `${text}\r\nContent-Encoding: gzip`, gzipSync(Buffer.alloc(count), { level: 0 }));

/** What is limited, a request of that size, the edge, and the answer to one more. */
const limits: readonly (readonly [string, (size: number) => Buffer, number, number, RegExp])[] = [
  ['bytes of text()', (size) => post('/text', text, bytes(size)), 102_400, 413, /entity.too.large/],
  ['bytes of text() in chunks', (size) => post('/text', text, bytes(size), 1_000), 102_400, 413, /entity.too.large/],
  ['bytes of raw()', (size) => post('/raw', type('application/octet-stream'), bytes(size)), 102_400, 413, /too.large/],
  ['bytes of urlencoded()', (size) => post('/urlencoded', urlencoded, bytes(size)), 102_400, 413, /entity.too.large/],
  [
    'brackets of urlencoded()',
    (size) => post('/urlencoded', urlencoded, `a${times(size, '[b]')}=c`),
    32,
    400,
    /range/i,
  ],
  ['bytes of lines()', (size) => post('/lines', text, bytes(size)), mebibyte, 413, /too/],
  ['lines of lines()', (size) => post('/lines', text, times(size, '\n')), mebibyte, 413, /too/],
  [
    'bytes of ndjson()',
    (size) => post('/ndjson', type('application/x-ndjson'), `"${times(size - 2, 'x')}"`),
    mebibyte,
    413,
    /too/,
  ],
  ['bytes of a line', (size) => post('/longest-line', text, `${times(size, 'x')}\n`), mebibyte, 413, /line.too.long/],
  [
    'bytes of an element',
    (size) => post('/array', text, `["${times(size - 2, 'x')}"]`),
    mebibyte,
    413,
    /element.too.long/,
  ],
  [
    'depth of an element',
    (size) => post('/array', text, times(size + 1, '[') + times(size + 1, ']')),
    1_000,
    400,
    /element.too.deep/,
  ],
  [
    'pairs of FormReader',
    (size) => post('/pairs', text, times(size, 'a=b&').slice(0, -1)),
    1_024,
    413,
    /parameters.too.many/,
  ],
  [
    'bytes of a name of FormReader',
    (size) => post('/pairs', text, `${times(size, 'a')}=b`),
    2_048,
    413,
    /key.too.long/,
  ],
  [
    'bytes of a value of FormReader',
    (size) => post('/pairs', text, `a=${times(size, 'b')}`),
    4 * mebibyte,
    413,
    /value.too.long/,
  ],
  ['fields of form()', (size) => form(...many(size, field('name=a'))), 1_000, 413, /LIMIT_(PART|FIELD)_COUNT/],
  ['files of form()', (size) => form(...many(size, field('name=a; filename=b'))), 100, 413, /LIMIT_FILE_COUNT/],
  ['bytes of a name of form()', (size) => form(field(`name="${times(size, 'a')}"`)), 2_048, 413, /LIMIT_FIELD_KEY/],
  ['bytes of a value of form()', (size) => form(field('name=a', bytes(size))), mebibyte, 413, /LIMIT_FIELD_VALUE/],
  [
    'bytes of a file of form()',
    (size) => form(field('name=a; filename=b', bytes(size))),
    100 * mebibyte,
    413,
    /LIMIT_FILE_SIZE/,
  ],
  [
    'brackets in a name of form()',
    (size) => form(field(`name="a${times(size, '[b]')}"`)),
    32,
    400,
    /form.name.invalid/,
  ],
  ['an index in a name of form()', (size) => form(field(`name="a[${size}]"`)), 1_000, 400, /form.name.invalid/],
  [
    'headers of a section',
    (size) => form(field('name=a', 'x', times(size - 1, 'X-A: b\r\n'))),
    16,
    413,
    /headers.too.many/,
  ],
  ['bytes of the headers of a section', headers, 16_384, 413, /headers.too.large/],
  ['bytes that decompress() gives', decoded, 30_000_000, 413, /entity.too.large/],
];

describe.each(limits)('%s', (_name, requestOf, edge, status, says) => {
  test('as many as the limit are read', async () => {
    const row: FaultRow = { fault: '', bytes: requestOf(edge), answers: [200] };

    await survives(server, row);
  });

  test('one more is refused', async () => {
    const row: FaultRow = { fault: '', bytes: requestOf(edge + 1), answers: [status], says };

    await survives(server, row);
  });
});
