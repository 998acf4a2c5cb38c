import { gzipSync } from 'node:zlib';
import { byteByByte, chunked, post } from '../support/fault-client';
import { FaultServer, faultHosts, nothingLeft } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

// security.md, 2: what comes on a connection after a request was refused, and clients that ask whether to send a body.

jest.setTimeout(20_000);

const json = 'Content-Type: application/json';
const multipart = 'Content-Type: multipart/form-data; boundary=b';
const tooLong = 'x'.repeat(200_000);
const file = (content: string, more = '') =>
  `--b\r\n${more}Content-Disposition: form-data; name=a; filename=b\r\n\r\n${content}\r\n`;
/** Bytes that a server must not take for a request of its own. */
const smuggled = 'POST /json HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

/** A request, and how it is refused. */
const refusals: readonly (readonly [string, Buffer, number])[] = [
  ['a body that is too long', post('/json', json, tooLong), 413],
  ['chunks that are too long', post('/json', json, tooLong, 10_000), 413],
  ['a body beyond pipeBody()', post('/limited', json, tooLong), 413],
  ['chunks beyond pipeBody()', post('/limited', json, tooLong, 10_000), 413],
  ['too many lines', post('/lines', 'Content-Type: text/plain', '\n'.repeat(1_048_577)), 413],
  ['a bomb', post('/json', `${json}\r\nContent-Encoding: gzip`, gzipSync(Buffer.alloc(20_000_000))), 413],
  ['an unknown coding', post('/json', `${json}\r\nContent-Encoding: x`, tooLong), 415],
  ['an unknown charset', post('/json', `${json}; charset=x`, tooLong), 415],
  ['gzip that is none', post('/json', `${json}\r\nContent-Encoding: gzip`, tooLong.slice(0, 90_000)), 400],
  ['JSON that is none', post('/json', json, `${smuggled}${smuggled}`), 400],
  ['an array that is none', post('/array', json, `[1,2,${smuggled}${tooLong}`), 400],
  ['too many pairs', post('/pairs', 'Content-Type: text/plain', 'a=b&'.repeat(20_000)), 413],
  ['a form that is none', post('/form', multipart, `--b\r\n x\r\n\r\n${smuggled}\r\n--b--\r\n${tooLong}`), 400],
  ['a form that is cut off', post('/form', multipart, file(tooLong)), 400],
  ['too many files', post('/form', multipart, file('x').repeat(101) + file(tooLong)), 413],
  ['too many headers', post('/form', multipart, file(smuggled, 'X-A: b\r\n'.repeat(16)) + tooLong), 413],
  ['a file that a filter refuses', post('/form/filter/throws', multipart, file(tooLong).replace('=a;', '=b;')), 500],
];

const good = (index: number) => post('/json', json, `[${index}]`);
const goods = [good(1), good(2), good(3)];

describe.each(faultHosts)('on %s', (host) => {
  let server: FaultServer;

  beforeAll(async () => {
    server = await FaultServer.start({ host });
  });
  afterAll(() => server.stop());
  afterEach(async () => expect(await server.leftovers()).toEqual(nothingLeft));

  test.each(refusals)('three requests in a row are answered after %s', async (_name, bytes, status) => {
    const client = await RawClient.connect(server.address);
    const { handled } = await server.report();
    await client.send(bytes);
    await client.responses(1);
    for (const [index, request] of goods.entries()) {
      await client.send(request);
      expect((await client.responses(index + 2))[index + 1]).toBe(`[${index + 1}]`);
    }

    expect(statusesOf(client)).toEqual([status, 200, 200, 200]);
    // What was refused, and what lies within it, was handled by nobody; routes that read by themselves count.
    expect((await server.report()).handled - handled).toBeLessThanOrEqual(4);
    client.socket.destroy();
  });

  test.each(refusals)('three requests that come with %s are answered in their order', async (_name, bytes, status) => {
    const client = await RawClient.connect(server.address);
    await client.send(Buffer.concat([bytes, ...goods]));

    expect((await client.responses(4)).slice(1)).toEqual(['[1]', '[2]', '[3]']);
    expect(statusesOf(client)).toEqual([status, 200, 200, 200]);
    client.socket.destroy();
  });

  test('a connection serves as many refusals as it is sent', async () => {
    const client = await RawClient.connect(server.address);
    for (const [, bytes] of refusals) await client.send(Buffer.concat([bytes, good(1)]));
    await client.responses(2 * refusals.length);

    expect(statusesOf(client)).toEqual(refusals.flatMap(([, , status]) => [status, 200]));
    client.socket.destroy();
  });

  const expecting = 'Expect: 100-continue';
  const asking = (path: string, type: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: test\r\n${type}\r\nContent-Length: ${length}\r\n${expecting}\r\n\r\n`;
  const tooMuch: readonly (readonly [string, string])[] = [
    ['/json', json],
    ['/lines', 'Content-Type: text/plain'],
    ['/limited', json],
    ['/form', multipart],
  ];
  const length = 200_000_000;

  test.each(tooMuch)('a client that asks whether to send too much to %s, and waits, gets a 413', async (path, type) => {
    const client = await RawClient.connect(server.address);
    await client.send(asking(path, type, length));
    await client.until((text) => text.includes('too.large"'));

    // Without a server of ours node:http says it before anybody is asked.
    const isAsked = host !== 'createServer()';
    expect(statusesOf(client)).toEqual(isAsked ? [100, 413] : [413]);
    // Nobody can tell whether what follows is the body.
    if (!isAsked) expect(String(await client.closed())).toContain('Connection: close');
    client.socket.destroy();
  });

  test.each(tooMuch)('a client that asks, and sends too much to %s at once, reads its 413', async (path, type) => {
    const client = await RawClient.connect(server.address);
    const body = Buffer.alloc(2 ** 20, 'x');
    await client.send(asking(path, type, length));
    for (let sent = 0; sent < 8 && !client.isClosed; sent++) await client.send(body);
    await client.until((text) => text.includes('too.large"'));

    expect(statusesOf(client).at(-1)).toBe(413);
    expect(statusesOf(client).filter((status) => status > 100)).toHaveLength(1);
    client.reset();
  });

  test('a body that is sent although it was refused is not taken for a request', async () => {
    const client = await RawClient.connect(server.address);
    const { handled } = await server.report();
    await client.send(asking('/json', json, 150_000));
    await client.until((text) => text.includes('too.large"'));
    await client.send(smuggled.padEnd(150_000));

    // The others have asked for it, and go on; here nobody could tell what follows.
    if (host === 'createServer()') await client.closed();
    else await client.send(good(1)).then(() => client.until((text) => text.includes('[1]')));
    expect((await server.report()).handled - handled).toBe(host === 'createServer()' ? 0 : 1);
    client.socket.destroy();
  });

  test('a client that asks in chunks, byte by byte, is told to go on and gets its 413', async () => {
    const client = await RawClient.connect(server.address);
    const head = `POST /json HTTP/1.1\r\nHost: test\r\n${json}\r\nTransfer-Encoding: chunked\r\n${expecting}\r\n\r\n`;
    for (const byte of byteByByte(Buffer.from(head))) await client.send(byte);
    await client.until((text) => text.includes('100 Continue'));
    await client.send(chunked(Buffer.from(tooLong), 1_000));
    await client.until((text) => text.includes('too.large"'));

    expect(statusesOf(client)).toEqual([100, 413]);
    client.socket.destroy();
  });
});

/** In the order in which they came. */
function statusesOf(client: RawClient): number[] {
  return Array.from(String(client.received).matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}
