import { gunzipSync } from 'node:zlib';
import { post, request, vanish } from '../support/fault-client';
import { longestTurnMsOf } from '../support/fault-rows';
import { type FaultHost, FaultServer, nothingLeft } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

// security.md, 1c and 2: answers through compress(), whose clients go away, do not read, or ask in odd ways.

jest.setTimeout(30_000);

const hosts: FaultHost[] = ['createServer()', 'app.listen() and pipeBody()'];
const get = (path: string, headers = 'Accept-Encoding: gzip') =>
  `GET ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n\r\n`;
const encoded = 'Content-Type: text/plain\r\nAccept-Encoding: gzip';
const text = 'a line of some length\r\n'.repeat(500);

describe.each(hosts)('compress() on %s', (host) => {
  let server: FaultServer;

  beforeAll(async () => {
    server = await FaultServer.start({ host });
  });
  afterAll(() => server.stop());
  afterEach(async () => expect(await server.leftovers()).toEqual(nothingLeft));

  test('500 clients that leave during the answer leave less than 20 MiB, and no encoder', async () => {
    const leave = async (_: unknown, index: number) => {
      const client = await RawClient.connect(server.address);
      await client.send(get('/compressed/endless'));
      // Some before there is an encoder, some while it works.
      const least = [0, 1, 20_000][index % 3] as number;
      await client.until((received) => received.length >= least);
      client.reset();
      await client.closed();
    };
    const wave = () => Promise.all(Array.from({ length: 20 }, leave));

    expect(await server.leastGrowth(wave, 25)).toBeLessThan(20 * 2 ** 20);
    expect(await server.leftovers()).toEqual(nothingLeft);
  }, 60_000);

  test('a client that does not read costs less than 48 MiB', async () => {
    await server.report('collect');
    server.forgetPeak();
    const before = server.residentBytes;
    const client = await RawClient.connect(server.address);
    client.socket.pause();
    await client.send(get('/compressed/endless'));

    for (let turn = 0; turn < 100; turn++) await server.askAnything();

    expect(server.peakBytes - before).toBeLessThan(48 * 2 ** 20);
    client.reset();
  });

  test.each(['/compressed/echo', '/compressed/head-as-array'])(
    'a client that goes away at any byte of a request to %s leaves nothing',
    async (path) => {
      const bytes = post(path, encoded, text.slice(0, 40));

      for (let at = bytes.length - 45; at <= bytes.length; at++) await vanish(server.address, bytes.subarray(0, at));
    },
  );

  test('an answer that fails half way never looks whole', async () => {
    const client = await RawClient.connect(server.address);
    await client.send(post('/compressed/half-way', encoded, 'x'));

    const received = await client.closed();
    expect(received.toString('latin1')).not.toMatch(/0\r\n\r\n$/);
  });

  test.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('an answer to %s with %i has no byte of a body', async (method, status) => {
    const client = await RawClient.connect(server.address);
    await client.send(
      get(`/compressed/status/${status}`, 'Accept-Encoding: gzip\r\nConnection: close').replace('GET', method),
    );

    expect(String(await client.closed())).toMatch(/^HTTP\/1.1 \d+ [\s\S]*\r\n\r\n$/);
  });

  test.each(['/compressed/status/200', '/compressed/head-as-array', '/compressed/echo'])(
    'an answer of %s has either a length or chunks, and is whole',
    async (path) => {
      const head = path.includes('status') ? get(path, `${encoded}\r\nConnection: close`) : undefined;
      const client = await RawClient.connect(server.address);
      await client.send(head ?? post(path, `${encoded}\r\nConnection: close`, text));

      const received = await client.closed();
      const fields = received.toString('latin1', 0, received.indexOf('\r\n\r\n')).toLowerCase();
      expect(fields).toContain('content-encoding: gzip');
      expect(fields.match(/content-length|transfer-encoding/g)).toHaveLength(1);
      expect(bodiesOf(received)[0]?.length).toBeGreaterThan(4_000);
    },
  );

  test('writes after the end change nothing', async () => {
    expect((await request(server.address, [post('/compressed/after-end', encoded, 'x')])).body).toBe('ended');
  });

  test('200 requests in one segment are answered in their order, compressed or not', async () => {
    const client = await RawClient.connect(server.address);
    const bodyAt = (index: number) => `${index}:${text}`;
    const requests = Array.from({ length: 200 }, (_, index) =>
      post('/compressed/echo', index % 2 === 0 ? encoded : 'Content-Type: text/plain', bodyAt(index)),
    );
    await client.send(Buffer.concat([...requests, Buffer.from(get('/status/204', 'Connection: close'))]));

    const bodies = bodiesOf(await client.closed());
    expect(bodies.slice(0, 200)).toEqual(requests.map((_, index) => bodyAt(index)));
  });

  const spaces = ' '.repeat(12_000);
  test.each([
    ['12 KB of spaces', `gzip${spaces};q=1`],
    ['12 KB of commas', `gzip${','.repeat(12_000)}`],
    ['12 KB of names', `${'a,'.repeat(6_000)}gzip`],
    ['12 KB of parameters', `gzip${';q=0.5'.repeat(2_000)}`],
    ['12 KB of quotes', `gzip;q="${'\\"'.repeat(6_000)}`],
    ['12 KB of one name', `${'gzip,'.repeat(2_400)}gzip`],
    ['a coding named __proto__', '__proto__, constructor, toString'],
    ['weights that are none', 'gzip;q=1e999, br;q=-1, deflate;q=NaN, identity;q='],
    ['nothing that there is', 'identity;q=0, *;q=0'],
  ])('Accept-Encoding with %s is answered within 50 ms of CPU', async (_name, accepted) => {
    const bytes = Buffer.from(get('/compressed/status/200', `Accept-Encoding: ${accepted}`));

    expect((await request(server.address, [bytes])).status).toBe(200);
    expect(await longestTurnMsOf(server, bytes)).toBeLessThan(50);
  });
});

function joinChunks(answer: Buffer, start: number): { body: Buffer; end: number } {
  const pieces: Buffer[] = [];
  let at = start;
  for (;;) {
    const lineEnd = answer.indexOf('\r\n', at);
    const size = Number.parseInt(answer.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (size === 0) return { body: Buffer.concat(pieces), end: at };
    pieces.push(answer.subarray(lineEnd + 2, at - 2));
  }
}

/** The texts of many answers in chunks or with a length. */
function bodiesOf(received: Buffer): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < received.length; ) {
    const bodyStart = received.indexOf('\r\n\r\n', at) + 4;
    const head = received.toString('latin1', at, bodyStart).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    const { body, end } = head.includes('chunked')
      ? joinChunks(received, bodyStart)
      : { body: received.subarray(bodyStart, bodyStart + length), end: bodyStart + length };
    bodies.push(String(head.includes('content-encoding: gzip') ? gunzipSync(body) : body));
    at = end;
  }
  return bodies;
}
