import { byteByByte, post, request } from '../support/fault-client';
import { cpuMsOf, type FaultRow, survives } from '../support/fault-rows';
import { FaultServer, nothingLeft } from '../support/fault-server';

// security.md, 1b: limits, urlencoded, JSON, content type.

jest.setTimeout(20_000);

let server: FaultServer;

beforeAll(async () => {
  server = await FaultServer.start();
});
afterAll(() => server.stop());

const asJson = (body: Buffer | string, type = 'application/json') => post('/json', `Content-Type: ${type}`, body);
const asForm = (body: string) => post('/urlencoded', 'Content-Type: application/x-www-form-urlencoded', body);
const array = (body: string) => post('/array', 'Content-Type: application/json', body);
const row = (fault: string, bytes: Buffer, answers: readonly number[], says?: RegExp): FaultRow => ({
  fault,
  bytes,
  answers,
  ...(says && { says }),
});

const limit = 102_400;
const jsonOf = (byteCount: number) => `"${'x'.repeat(byteCount - 4)}" `.padStart(byteCount);

const rows: FaultRow[] = [
  row('100 KiB of JSON', asJson(`[${jsonOf(limit - 2)}]`), [200]),
  row('100 KiB and a byte of JSON', asJson(`[${jsonOf(limit - 1)}]`), [413]),
  row(
    '100 KiB and a byte of JSON in chunks',
    post('/json', 'Content-Type: application/json', `[${jsonOf(limit - 1)}]`, 1_000),
    [413],
  ),
  row('JSON of a pollution', asJson('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'), [400]),
  row('JSON nested 50,000 deep', asJson('['.repeat(50_000)), [400]),
  row('whole JSON nested 50,000 deep', asJson('['.repeat(50_000) + ']'.repeat(50_000)), [200, 400]),
  row('a pollution 20,000 deep', asJson(`${'['.repeat(20_000)}{"__proto__":1}${']'.repeat(20_000)}`), [400]),
  row('an array nested 50,000 deep', array('['.repeat(50_000) + ']'.repeat(50_000)), [400]),
  row('an array that never ends', array('[1,2,3,'), [400]),
  row('a number of 100,000 digits', asJson(`[${'9'.repeat(100_000)}]`), [200]),
  row('a surrogate alone', asJson('["\\ud800"]'), [200]),
  row('bytes that are no UTF-8', asJson(Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d])), [200, 400]),
  row('two byte order marks', asJson('\ufeff\ufeff[]'), [400]),
  row('a NUL behind a value', asJson('[]\0'), [400]),
  row('JSON in UTF-7', asJson('+AFsAXQ-', 'application/json; charset=utf-7'), [415]),
  row('a charset named __proto__', asJson('[]', 'application/json; charset=__proto__'), [415]),
  row('a tab and a word behind the type', asJson('[]', 'application/json\tfoo'), [200], /not parsed/),
  row('a word behind the type', asJson('[]', 'application/json garbage'), [200], /not parsed/),
  row('a charset without a name', asJson('[]', 'application/json; charset='), [200, 400, 415]),
  row('1,000 parameters', asForm(`${'a=b&'.repeat(999)}a=b`), [200]),
  row('1,001 parameters', asForm(`${'a=b&'.repeat(1_000)}a=b`), [413]),
  row('100 KiB of &', asForm('&'.repeat(102_000)), [200, 413]),
  row('a form nested 33 deep', asForm(`a${'[b]'.repeat(33)}=c`), [400]),
  row('a form nested 10,000 deep', asForm(`a${'[b]'.repeat(10_000)}=c`), [400]),
  row('a form with an index of 999,999,999', asForm('a[999999999]=b'), [200, 400]),
  row(
    'a form of a pollution',
    asForm('__proto__[polluted]=1&constructor[prototype][polluted]=1&[__proto__]=1'),
    [200, 400],
  ),
  row('escapes that are none', asForm('%=%&%G0=%zz&a=%E0%A4%A'), [200, 400]),
  row('brackets that are not closed', asForm('a[=1&a]=2&[[[=3&]]]=4'), [200, 400]),
  row(
    'the coding __proto__',
    post('/json', 'Content-Type: application/json\r\nContent-Encoding: __proto__', '[]'),
    [415],
  ),
  row('a header named __proto__', post('/json', 'Content-Type: application/json\r\n__proto__: x', '[]'), [200]),
  row('an empty body', asJson(''), [200, 400]),
  row('1,048,576 lines and one more', post('/lines', 'Content-Type: text/plain', '\n'.repeat(1_048_577)), [413]),
  row(
    'a value of NDJSON nested 50,000 deep',
    post('/ndjson', 'Content-Type: application/x-ndjson', '['.repeat(50_000)),
    [400],
  ),
  row('NDJSON with a CR alone', post('/ndjson', 'Content-Type: application/x-ndjson', '1\r2\n'), [200, 400]),
];

describe('a body of', () => {
  test.each(rows)('$fault harms nobody', (fault) => survives(server, fault));
});

describe('60 ms of CPU are enough for', () => {
  const spaces = ' '.repeat(12_000);
  const collisions = Array.from({ length: 1_000 }, (_, index) => `${index * 16_777_216}=1`).join('&');
  test.each([
    ['1,000 parameters whose names collide', asForm(collisions)],
    ['100 KiB of brackets', asForm(`a${'['.repeat(100_000)}=1`)],
    ['100 KiB of escapes', asForm(`a=${'%zz'.repeat(34_000)}`)],
    ['100 KiB of opening brackets', asJson('['.repeat(102_000))],
    ['100 KiB of backslashes', asJson(`"${'\\'.repeat(102_000)}`)],
    ['an object of 10,000 integers', asJson(`{${Array.from({ length: 9_000 }, (_, index) => `"${index}":1`).join()}}`)],
    ['12 KB of spaces in Content-Type', asJson('[]', `application/json;${spaces}charset${spaces.slice(6_000)}=`)],
    ['12 KB of quotes in Content-Type', asJson('[]', `application/json; charset="${'\\"'.repeat(5_000)}`)],
    [
      '12 KB of codings',
      post('/json', `Content-Type: application/json\r\nContent-Encoding: ${'gzip,'.repeat(2_000)}`, '[]'),
    ],
    [
      '12 KB of spaces between codings',
      post('/json', `Content-Type: application/json\r\nContent-Encoding: gzip${spaces},x`, '[]'),
    ],
    [
      '12 KB of semicolons before a boundary',
      post('/form', `Content-Type: multipart/form-data${';\t'.repeat(6_000)}boundary`, ''),
    ],
  ])('%s', async (_name, bytes) => {
    expect(await cpuMsOf(server, bytes)).toBeLessThan(60);
    expect(await server.leftovers()).toEqual(nothingLeft);
  });
});

const seeds: Record<string, Buffer> = {
  json: asJson('{"é":[1,-2.5e3,"\\u00e9\\ud83d\\ude00😀",null,true]}'),
  urlencoded: asForm('a=1&b[c]=%C3%A9+2&b[d][]=3&=4&a=5'),
  text: post('/text', 'Content-Type: text/plain; charset=utf-16le', Buffer.from('aé😀\r\n', 'utf16le')),
  lines: post('/lines', 'Content-Type: text/plain', 'one\ntwo\r\n\r\nthrée😀'),
  ndjson: post('/ndjson', 'Content-Type: application/x-ndjson', '{"a":1}\n[2]\r\n"😀"\n'),
  'JSON in chunks': post('/json', 'Content-Type: application/json', '{"a":[1,"é"]}', 3),
};

test.each(Object.keys(seeds))('%s is parsed alike wherever the request is cut', async (name) => {
  const bytes = seeds[name] as Buffer;
  const { status, body } = await request(server.port, [bytes]);

  expect(status).toBe(200);
  expect((await request(server.port, byteByByte(bytes))).body).toBe(body);
  for (let at = 1; at < bytes.length; at++) {
    expect((await request(server.port, [bytes.subarray(0, at), bytes.subarray(at)])).body).toBe(body);
  }
});
