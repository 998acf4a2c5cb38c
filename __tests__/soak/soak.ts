import { gzipSync } from 'node:zlib';
import { mutate } from '../fuzz/mutate';
import { Random } from '../fuzz/random';
import { byteByByte, post, request, vanish } from '../support/fault-client';
import type { FaultServer } from '../support/fault-server';
import { RawClient } from '../support/raw-client';

/** What a soak has come to. */
export interface SoakResult {
  readonly requests: number;
  /** Answers by their status; 0 where the connection was closed without one. */
  readonly answers: Record<number, number>;
  /** Requests that were neither answered nor closed in time. */
  readonly hangs: number;
  readonly heapGrowthBytes: number;
  readonly leftovers: object;
}

const clients = 8;
const requestsOfWarmUp = 300;
const settleMs = 8_000;
const hangMs = 10_000;

const multipart = 'Content-Type: multipart/form-data; boundary=b';
const form = (content: string) =>
  `--b\r\nContent-Disposition: form-data; name="a[b]"\r\n\r\n1\r\n` +
  `--b\r\nContent-Disposition: form-data; name=f; filename=f.txt\r\n\r\n${content}\r\n--b--\r\n`;
const json = 'Content-Type: application/json';
const text = 'Content-Type: text/plain';
const large = 'a line of some length\r\n'.repeat(8_000);

/** A request of every route, and of some with a large body. */
const seeds: readonly Buffer[] = [
  post('/json', json, '{"a":[1,"é"]}'),
  post('/json', `${json}\r\nContent-Encoding: gzip`, gzipSync('[1,2,3]')),
  post('/json', json, '{"a":[1,2,3]}', 4),
  post('/urlencoded', 'Content-Type: application/x-www-form-urlencoded', 'a[b]=1&c=%C3%A9'),
  post('/text', text, large.slice(0, 50_000), 1_000),
  post('/raw', 'Content-Type: application/octet-stream', Buffer.alloc(50_000, 1)),
  post('/lines', text, large),
  post('/ndjson', 'Content-Type: application/x-ndjson', '{"a":1}\n[2]\n'),
  post('/twice', json, '[1]'),
  post('/form', multipart, form('small')),
  post('/form', multipart, form(large)),
  post('/form', 'Content-Type: application/x-www-form-urlencoded', 'a=1&b=2'),
  post('/decompress', `${text}\r\nContent-Encoding: gzip, deflate`, 'neither'),
  post('/decompress', `${text}\r\nContent-Encoding: gzip`, gzipSync(large)),
  post('/decompress/form', `${multipart}\r\nContent-Encoding: gzip`, gzipSync(form(large))),
  post('/array', json, `[${'{"a":1},'.repeat(2_000)}1]`),
  post('/multipart', multipart, form(large)),
  post('/reader', text, large),
  post('/reader/swapped', text, large),
  post('/echo', text, large),
  post('/buffered', text, large),
  post('/unread', text, large),
  post('/limited', text, large),
  post('/half-way', text, 'x'),
  post('/after-end', text, 'x'),
  post('/compressed/echo', `${text}\r\nAccept-Encoding: gzip`, large),
  post('/compressed/echo', `${text}\r\nAccept-Encoding: br;q=0.5, deflate`, 'x'),
  post('/compressed/half-way', `${text}\r\nAccept-Encoding: gzip`, 'x'),
  Buffer.from('HEAD /compressed/status/200 HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n'),
  post('/half-read', text, large),
  post('/form/filtered', multipart, form(large)),
  Buffer.from('HEAD /status/200 HTTP/1.1\r\nHost: test\r\n\r\n'),
];

const words = [
  '\r\n',
  '\r\n\r\n',
  '--b',
  'gzip',
  'chunked',
  '0\r\n\r\n',
  '{',
  ']',
  '%',
  '=',
  '&',
  '[',
  '"',
  '\0',
  '\\',
];

/** Ways to send a request; each gives the status of its answer, if it waits for one. */
const ways: readonly ((port: number, bytes: Buffer, random: Random) => Promise<number | undefined>)[] = [
  async (port, bytes) => (await request(port, [bytes])).status,
  async (port, bytes, random) => {
    const at = random.below(bytes.length);
    return (await request(port, [bytes.subarray(0, at), bytes.subarray(at)])).status;
  },
  async (port, bytes) => (await request(port, byteByByte(bytes.subarray(0, 400)).concat(bytes.subarray(400)))).status,
  async (port, bytes, random) => {
    await vanish(port, bytes.subarray(0, random.below(bytes.length)), random.oneOf(['reset', 'end']));
    return undefined;
  },
  async (port, bytes, random) => {
    // The body changes and its head does not, or both do: the length may be wrong then, and the client gives up.
    const bodyStart = bytes.indexOf('\r\n\r\n') + 4;
    const kept = random.below(2) === 0 ? 0 : bodyStart;
    const mutated = mutate(bytes.subarray(kept), random, { inputs: seeds, words });
    await vanish(port, Buffer.concat([bytes.subarray(0, kept), mutated]), 'end');
    return undefined;
  },
  async (port, _bytes, random) => {
    const client = await RawClient.connect(port);
    client.socket.pause();
    const path = random.oneOf(['/endless', '/compressed/endless']);
    await client.send(`GET ${path} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n`);
    await request(port, [seeds[0] as Buffer]);
    client.reset();
    await client.closed();
    return undefined;
  },
];

/** Sends all kinds of requests in all ways, several at a time, for so long, and looks at what is left. */
export async function soak(server: FaultServer, seconds: number, seed: number): Promise<SoakResult> {
  const random = new Random(seed);
  const answers: Record<number, number> = {};
  let requests = 0;
  let hangs = 0;
  const send = async () => {
    requests += 1;
    const status = await inTime(random.oneOf(ways)(server.port, random.oneOf(seeds), random));
    if (status === 'hangs') hangs += 1;
    else if (status !== undefined) answers[status] = (answers[status] ?? 0) + 1;
  };
  const sendWhile = (goesOn: () => boolean) =>
    Promise.all(
      Array.from({ length: clients }, async () => {
        while (goesOn()) await send();
      }),
    );

  // The first requests load and compile what the heap keeps.
  await sendWhile(() => requests < requestsOfWarmUp);
  await server.leftovers(settleMs);
  const { heapBytes } = await server.report('collect');
  const deadline = Date.now() + seconds * 1_000;
  await sendWhile(() => Date.now() < deadline);

  const leftovers = await server.leftovers(settleMs);
  return {
    requests,
    answers,
    hangs,
    leftovers,
    heapGrowthBytes: (await server.report('collect')).heapBytes - heapBytes,
  };
}

async function inTime<Value>(promise: Promise<Value>): Promise<Value | 'hangs'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'hangs'>((resolve) => {
    timer = setTimeout(resolve, hangMs, 'hangs');
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
