import { FaultServer, faultHosts, nothingLeft } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

// security.md, 1c: what Http11Probe and the advisories about chunks send, as far as it reaches a body. node:http's parser
// decides; here it is seen that its verdict stands: no handler runs on a body whose framing is wrong, and nothing within a
// body, or behind one that was refused, is taken for a request.

jest.setTimeout(20_000);

const json = 'Content-Type: application/json';
const chunks = 'Transfer-Encoding: chunked';
const last = '0\r\n\r\n';
/** Would be answered, and counted, if it were taken for a request. */
const smuggled = `POST /json HTTP/1.1\r\nHost: test\r\n${json}\r\nContent-Length: 2\r\n\r\n{}`;
const size = (text: string) => text.length.toString(16);
const chunk = (text: string) => `${size(text)}\r\n${text}\r\n`;

/** Headers that say how long the body is, and what comes behind them. */
type Framing = readonly [name: string, headers: string, body: string];

const refused: readonly Framing[] = [
  ['a length beside chunks', `Content-Length: 6\r\n${chunks}`, `${last}${smuggled}`],
  ['chunks beside a length', `${chunks}\r\nContent-Length: 6`, `${last}${smuggled}`],
  ['the same length twice', 'Content-Length: 2\r\nContent-Length: 2', '[]'],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 99', `[]${smuggled}`],
  ['two lengths in one header', 'Content-Length: 2, 99', `[]${smuggled}`],
  ['a length with a sign', 'Content-Length: +2', '[]'],
  ['a length below zero', 'Content-Length: -2', '[]'],
  ['a length in hexadecimal digits', 'Content-Length: 0x2', '[]'],
  ['a length of two numbers', 'Content-Length: 2 2', '[]'],
  ['a length with a point', 'Content-Length: 2.0', '[]'],
  ['a length beyond 64 bits', 'Content-Length: 18446744073709551618', '[]'],
  ['a length with a space before its colon', 'Content-Length : 2', '[]'],
  ['chunks with a space before their colon', `Transfer-Encoding : chunked\r\nContent-Length: 99`, `${last}${smuggled}`],
  ['chunks beneath another coding', 'Transfer-Encoding: chunked, gzip', `${last}${smuggled}`],
  ['a coding that is no chunks', 'Transfer-Encoding: xchunked', `${last}${smuggled}`],
  ['a coding that is none', 'Transfer-Encoding: identity', `${last}${smuggled}`],
  ['chunks in quotes', 'Transfer-Encoding: "chunked"', `${last}${smuggled}`],
  ['a size that is none', chunks, `zz\r\n[]\r\n${last}`],
  ['a size with a sign', chunks, `+2\r\n[]\r\n${last}`],
  ['a size below zero', chunks, `-2\r\n[]\r\n${last}`],
  ['a size with 0x', chunks, `0x2\r\n[]\r\n${last}`],
  ['an empty size', chunks, `\r\n[]\r\n${last}`],
  ['a size beyond 64 bits', chunks, `10000000000000002\r\n[]\r\n${last}`],
  ['a size of 10,000 digits', chunks, `${'f'.repeat(10_000)}\r\n[]\r\n${last}`],
  ['a chunk that is longer than its size', chunks, `1\r\n[]\r\n${last}`],
  ['a chunk that is shorter than its size', chunks, `3\r\n[]\r\n${last}`],
  ['a chunk without its line end', chunks, `2\r\n[]${last}${smuggled}`],
  ['a line end of LF behind a chunk', chunks, `2\r\n[]\n${last}`],
  ['a bare CR behind a size', chunks, `2\r[]\r\n${last}`],
  ['a bare CR in an extension', chunks, `2;a\rb\r\n[]\r\n${last}`],
  ['a bare LF in an extension', chunks, `2;a\n[]\r\n${last}${smuggled}`],
  ['20 KiB of extensions', chunks, `2;${'a'.repeat(20_480)}\r\n[]\r\n${last}`],
  ['20 KiB of short extensions', chunks, `2${';a=b'.repeat(10_000)}\r\n[]\r\n${last}`],
  ['20 KiB of a trailer', chunks, `2\r\n[]\r\n0\r\nX-A: ${'a'.repeat(20_480)}\r\n\r\n`],
  ['a trailer that names another length', chunks, `2\r\n[]\r\n0\r\nContent-Length: 99\r\n\r\n`],
  ['a trailer that names chunks', chunks, `2\r\n[]\r\n0\r\n${chunks}\r\n\r\n`],
  ['a trailer that is none', chunks, `2\r\n[]\r\n0\r\nX A: b\r\n\r\n`],
  ['a NUL in a trailer', chunks, `2\r\n[]\r\n0\r\nX-A: b\0\r\n\r\n`],
];

const read: readonly Framing[] = [
  ['the name of chunks in capitals', 'Transfer-Encoding: CHUNKED', chunk('["read"]') + last],
  ['a length with zeros before it', 'Content-Length: 0008', '["read"]'],
  ['a size with zeros before it', chunks, `0008\r\n["read"]\r\n${last}`],
  ['a size in capitals', chunks, `A\r\n["read"]  \r\n${last}`],
  ['extensions of chunks', chunks, `8;a=b;c="d"\r\n["read"]\r\n0;e\r\n\r\n`],
  ['10,000 chunks', chunks, chunk('["read"]') + chunk(' ').repeat(10_000) + last],
  ['a trailer', chunks, `8\r\n["read"]\r\n0\r\nX-A: b\r\n\r\n`],
  ['a trailer that names a coding', chunks, `8\r\n["read"]\r\n0\r\nContent-Encoding: gzip\r\n\r\n`],
  ['a trailer named __proto__', chunks, `8\r\n["read"]\r\n0\r\n__proto__: c\r\nconstructor: d\r\n\r\n`],
  ['a request within its body', chunks, chunk('["read"') + chunk(' '.repeat(smuggled.length)) + chunk(']') + last],
];

const head = (headers: string, path = '/json') =>
  `POST ${path} HTTP/1.1\r\nHost: test\r\n${json}\r\n${headers}\r\n\r\n`;
const good = head('Content-Length: 8').concat('["next"]');

describe.each(faultHosts)('on %s', (host) => {
  let server: FaultServer;

  beforeAll(async () => {
    server = await FaultServer.start({ host });
  });
  afterAll(() => server.stop());
  afterEach(async () => expect(await server.leftovers()).toEqual(nothingLeft));

  test.each(refused)('%s: no handler runs, and the connection is closed', async (_name, headers, body) => {
    const { handled } = await server.report();
    const client = await RawClient.connect(server.address);
    await client.send(head(headers) + body);

    expect(String(await client.closed())).toMatch(/^(HTTP\/1\.1 (400|413|431) [\s\S]*)?$/);
    expect((await server.report()).handled).toBe(handled);
  });

  test.each(refused)('%s: byte by byte, too', async (_name, headers, body) => {
    const { handled } = await server.report();
    const client = await RawClient.connect(server.address);
    const bytes = head(headers) + body;
    for (let at = 0; at < bytes.length && !client.isClosed; at++) {
      // Of what is long only the border between head and body comes so.
      const end = at > head(headers).length + 200 ? bytes.length : at + 1;
      await client.send(bytes.slice(at, end));
      if (end === bytes.length) break;
    }
    client.socket.end();

    expect(String(await client.closed())).toMatch(/^(HTTP\/1\.1 (400|413|431) [\s\S]*)?$/);
    expect((await server.report()).handled).toBe(handled);
  });

  test.each(read)('%s: the body is read, and the next request behind it', async (_name, headers, body) => {
    const { handled } = await server.report();
    const client = await RawClient.connect(server.address);
    await client.send(head(headers) + body + good);

    expect(await client.responses(2)).toEqual(['["read"]', '["next"]']);
    expect((await server.report()).handled - handled).toBe(2);
    client.socket.destroy();
  });

  test.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('a request in the body of %s is none', async (method) => {
    const { handled } = await server.report();
    const client = await RawClient.connect(server.address);
    await client.send(
      `${method} /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}${good}`,
    );

    await client.until((text) => text.includes('["next"]'));
    expect((await server.report()).handled - handled).toBe(1);
    client.socket.destroy();
  });

  test('bytes behind a body of no length are no body', async () => {
    const { handled } = await server.report();
    const client = await RawClient.connect(server.address);
    await client.send(`${head('Content-Length: 0')}${'x'.repeat(100)}\r\n\r\n`);

    expect(String(await client.closed())).toContain('400 Bad Request');
    expect((await server.report()).handled - handled).toBeLessThanOrEqual(1);
  });

  test('a body of HTTP/1.0 has the length that it says, and none without', async () => {
    const client = await RawClient.connect(server.address);
    await client.send(`POST /json HTTP/1.0\r\n${json}\r\nContent-Length: 8\r\n\r\n["read"]`);
    const other = await RawClient.connect(server.address);
    await other.send(`POST /json HTTP/1.0\r\n${json}\r\n\r\n["read"]`);

    expect(String(await client.closed())).toContain('["read"]');
    expect(String(await other.closed())).not.toContain('["read"]');
  });
});
