import { post } from '../support/fault-client';
import { type FaultHost, FaultServer, faultHosts, nothingLeft } from '../support/fault-server';
import { type Address, RawClient } from '../support/raw-client';

// security.md, 1c and 2: every limit ends in a closed connection within 5 s, for a client that never stops sending. One
// that is silent says nothing here: node:http closes it by itself (keepAliveTimeout).

jest.setTimeout(20_000);

const drainMs = 5_000;
/** What Kestrel's bar leaves a busy machine. */
const graceMs = 2_000;
const drainBytes = 256 * 2 ** 20;

const head = (path: string, headers: string) => `POST ${path} HTTP/1.1\r\nHost: test\r\n${headers}\r\n\r\n`;
const json = 'Content-Type: application/json';
const endless = 'Content-Length: 1000000000';
const chunks = 'Transfer-Encoding: chunked';
const chunk = (length: number) => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`;

/** What makes an answer come before the end of the body, the byte that goes on coming, and the answer. */
const rows: Readonly<Record<string, readonly [begin: string, drip: string, status: number]>> = {
  'a body that nobody reads': [head('/unread', endless), 'x', 200],
  'chunks that nobody reads': [head('/unread', chunks), chunk(1), 200],
  'a body that is read in part': [`${head('/half-read', endless)}${'x'.repeat(200_000)}`, 'x', 200],
  'a length beyond pipeBody()': [head('/limited', endless), 'x', 413],
  'chunks beyond pipeBody()': [`${head('/limited', chunks)}${chunk(1_001)}`, chunk(1), 413],
  'a length beyond json()': [head('/json', `${json}\r\n${endless}`), 'x', 413],
  'chunks beyond json()': [`${head('/json', `${json}\r\n${chunks}`)}${chunk(102_401)}`, chunk(1), 413],
  'a form that is none': [
    `${head('/form', `Content-Type: multipart/form-data; boundary=b\r\n${chunks}`)}7\r\n--b\r\n x\r\n`,
    '2\r\n\r\n\r\n',
    400,
  ],
  'JSON that is none': [head('/array', `${json}\r\n${endless}`), 'x', 400],
  'a coding that nobody knows': [head('/json', `${json}\r\nContent-Encoding: x\r\n${endless}`), 'x', 415],
};

interface Drained {
  readonly received: string;
  readonly closedAfterMs: number;
}

/** Sends for as long as the server listens, a byte now and then. */
async function drip(address: Address, begin: string, piece: string): Promise<Drained> {
  const startedAt = performance.now();
  const client = await RawClient.connect(address);
  await client.send(begin);
  const timer = setInterval(() => void client.send(piece), 50);
  const giveUp = setTimeout(() => client.socket.destroy(), drainMs + 2 * graceMs);
  const received = String(await client.closed());
  clearInterval(timer);
  clearTimeout(giveUp);
  return { received, closedAfterMs: performance.now() - startedAt };
}

const servers = new Map<FaultHost, FaultServer>();
const drained = new Map<string, Promise<Drained>>();

// All of them wait at once.
beforeAll(async () => {
  const start = async (host: FaultHost) => servers.set(host, await FaultServer.start({ host }));
  await Promise.all(faultHosts.map(start));
  for (const [host, { address }] of servers) {
    for (const [name, [begin, piece]] of Object.entries(rows)) {
      drained.set(`${host} ${name}`, drip(address, begin, piece));
    }
  }
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.stop())));

describe.each(faultHosts)('on %s', (host) => {
  test.each(Object.entries(rows))('%s is answered, and thrown away for 5 s', async (name, [, , status]) => {
    const { received, closedAfterMs } = (await drained.get(`${host} ${name}`)) as Drained;

    expect(received).toContain(`HTTP/1.1 ${status} `);
    expect(received.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(closedAfterMs).toBeGreaterThanOrEqual(drainMs);
    expect(closedAfterMs).toBeLessThan(drainMs + graceMs);
  });

  test('a client that sends as fast as it can is closed after 256 MiB', async () => {
    const server = servers.get(host) as FaultServer;
    const client = await RawClient.connect(server.address);
    const block = Buffer.alloc(2 ** 20, 'x');
    await client.send(head('/unread', `Content-Length: ${2 ** 40}`));

    while (!client.socket.destroyed) await client.send(block);
    await client.closed();

    // It is looked at four times a second, and until then the bytes go on coming: up to 1 GB/s. Unbounded they were 2.6 GB and more.
    expect(client.socket.bytesWritten).toBeLessThan(4 * drainBytes);
    expect(String(client.received)).toContain('200 OK');
  });

  test('what was thrown away leaves nothing, and the next request is answered', async () => {
    const server = servers.get(host) as FaultServer;
    const client = await RawClient.connect(server.address);
    await client.send(head('/unread', 'Content-Length: 500000'));
    await client.responses(1);
    await client.send('x'.repeat(500_000));
    await client.send(post('/json', json, '["next"]'));

    expect(await client.responses(2)).toEqual(['unread', '["next"]']);
    client.socket.destroy();
    expect(await server.leftovers()).toEqual(nothingLeft);
  });
});
