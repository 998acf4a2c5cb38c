import { post, request, vanish } from '../support/fault-client';
import { FaultServer, faultHosts, nothingLeft } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

// Connections that become something else: the 'upgrade' and 'connect' of http.Server, beside the bodies.

jest.setTimeout(30_000);

const json = 'Content-Type: application/json';
const upgrade = (headers = '') =>
  `GET /socket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n${headers}\r\n`;
const tunnel = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n';
const asked: Readonly<Record<string, readonly [head: string, answer: string]>> = {
  'an upgrade': [upgrade(), 'HTTP/1.1 101 Switching Protocols'],
  'a tunnel': [tunnel, 'HTTP/1.1 200 Connection Established'],
};

describe.each(faultHosts)('on %s that takes upgrades and tunnels', (host) => {
  let server: FaultServer;

  beforeAll(async () => {
    server = await FaultServer.start({ host, upgrades: true });
  });
  afterAll(() => server.stop());
  afterEach(async () => expect(await server.leftovers()).toEqual(nothingLeft));

  describe.each(Object.entries(asked))('%s', (_name, [head, answer]) => {
    test('has no body, and carries bytes both ways', async () => {
      const client = await RawClient.connect(server.address);
      await client.send(head);
      expect(await client.until((text) => text.includes('\r\n\r\n'))).toBe(
        `${answer}${restOf(head)}\r\nX-Bytes: 0\r\n\r\n`,
      );
      for (const piece of ['one', 'GET / HTTP/1.1\r\n\r\n', 'x'.repeat(200_000)]) await client.send(piece);

      const received = await client.until((text) => text.endsWith('x'.repeat(200_000)));
      expect(received).toContain('oneGET / HTTP/1.1\r\n\r\nx');
      client.socket.destroy();
    });

    test('carries what came in the segment of its head', async () => {
      const client = await RawClient.connect(server.address);
      await client.send(`${head}at once`);

      expect(await client.until((text) => text.endsWith('at once'))).toContain(answer);
      client.socket.destroy();
    });

    test('comes after requests of the same connection, whose bodies were read or not', async () => {
      const client = await RawClient.connect(server.address);
      await client.send(Buffer.concat([post('/json', json, '[1]', 1), post('/unread', json, '[2]')]));
      expect(await client.responses(2)).toEqual(['[1]', 'unread']);
      await client.send(`${head}next`);

      expect(await client.until((text) => text.endsWith('next'))).toContain(answer);
      client.socket.destroy();
    });

    test('ends when the client ends it', async () => {
      const client = await RawClient.connect(server.address);
      await client.send(`${head}last`);
      await client.until((text) => text.endsWith('last'));
      client.socket.end();

      expect(String(await client.closed())).toContain('last');
    });

    test('leaves nothing of a client that goes away at any byte', async () => {
      const bytes = Buffer.from(`${head}${'x'.repeat(20)}`);

      for (let at = 1; at <= bytes.length; at += at < head.length - 4 ? 8 : 1) {
        await vanish(server.address, bytes.subarray(0, at), at % 2 === 0 ? 'reset' : 'end');
      }
    });
  });

  test('an upgrade with a Content-Length harms nobody', async () => {
    const client = await RawClient.connect(server.address);
    await client.send(`${upgrade('Content-Length: 4\r\n')}bodyrest`);
    await client.until((text) => text.includes('\r\n\r\n'));
    client.reset();
  });
});

/** The end of an upgrade's head says what to. */
const restOf = (head: string) => (head === tunnel ? '' : '\r\nConnection: Upgrade\r\nUpgrade: echo');

describe.each(faultHosts)('on %s that takes neither', (host) => {
  let server: FaultServer;

  beforeAll(async () => {
    server = await FaultServer.start({ host });
  });
  afterAll(() => server.stop());
  afterEach(async () => expect(await server.leftovers()).toEqual(nothingLeft));

  test('a request that asks for an upgrade is answered as if it had not', async () => {
    const headers = `${json}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk`;

    expect(await request(server.address, [post('/json', headers, '["body"]')])).toMatchObject({
      status: 200,
      body: '["body"]',
    });
  });

  test('a request for a tunnel is refused by closing, and no handler runs', async () => {
    const client = await RawClient.connect(server.address);
    const { handled } = await server.report();
    await client.send(`${tunnel}bytes`);

    expect(String(await client.closed())).toBe('');
    expect((await server.report()).handled).toBe(handled);
  });
});
