import * as zlib from 'node:zlib';
import { post, request, vanish } from '../support/fault-client';
import { type FaultRow, survives } from '../support/fault-rows';
import { FaultServer, nothingLeft } from '../support/fault-server';

// security.md, 1c and 2: content codings.

jest.setTimeout(20_000);

let server: FaultServer;

beforeAll(async () => {
  server = await FaultServer.start();
  await request(server.port, [coded('/json', 'gzip', bomb)]);
});
afterAll(() => server.stop());

const { brotliCompressSync, deflateSync, gzipSync } = zlib;
/** From Node 22.15 on. */
const { zstdCompressSync } = zlib as unknown as { zstdCompressSync?: (bytes: Buffer) => Buffer };
const zeros = Buffer.alloc(100 * 2 ** 20);
const bomb = gzipSync(zeros);
const brBomb = brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });
const types: Record<string, string> = {
  '/json': 'application/json',
  '/lines': 'text/plain',
  '/decompress': 'text/plain',
  '/decompress/default': 'text/plain',
  '/br/json': 'application/json',
  '/br/lines': 'text/plain',
  '/br/decompress': 'text/plain',
  '/br/decompress/default': 'text/plain',
};
const coded = (path: string, coding: string, body: Buffer) =>
  post(path, `Content-Type: ${types[path]}\r\nContent-Encoding: ${coding}`, body);
const small = gzipSync('["small"]');
const corrupt = Buffer.concat([small.subarray(0, 12), Buffer.from('corrupt'), small.subarray(19)]);
const paths = Object.keys(types).filter((path) => !path.startsWith('/br'));
const brPaths = Object.keys(types).filter((path) => path.startsWith('/br'));
const times = (count: number, body: Buffer): Buffer => (count === 0 ? body : times(count - 1, gzipSync(body)));
const stacked = (count: number) => Array.from({ length: count }, () => 'gzip').join(', ');

const rows: FaultRow[] = paths.flatMap((path) => [
  { fault: `gzip that is cut off, to ${path}`, bytes: coded(path, 'gzip', small.subarray(0, -5)), answers: [400] },
  { fault: `gzip that is corrupt, to ${path}`, bytes: coded(path, 'gzip', corrupt), answers: [400] },
  { fault: `gzip that is none, to ${path}`, bytes: coded(path, 'gzip', Buffer.from('["plain"]')), answers: [400] },
  {
    fault: `deflate that is none, to ${path}`,
    bytes: coded(path, 'deflate', Buffer.from('["plain"]')),
    answers: [400],
  },
  { fault: `gzip with no bytes, to ${path}`, bytes: coded(path, 'gzip', Buffer.alloc(0)), answers: [200, 400] },
  {
    fault: `gzip and other bytes, to ${path}`,
    bytes: coded(path, 'gzip', Buffer.concat([small, Buffer.from('more')])),
    answers: [400],
  },
  { fault: `five codings, to ${path}`, bytes: coded(path, stacked(5), times(4, small)), answers: [200] },
  { fault: `six codings, to ${path}`, bytes: coded(path, stacked(6), times(5, small)), answers: [415] },
  { fault: `a bomb, to ${path}`, bytes: coded(path, 'gzip', bomb), answers: [413] },
  { fault: `a bomb in a bomb, to ${path}`, bytes: coded(path, 'gzip, gzip', gzipSync(bomb)), answers: [413] },
  {
    fault: `a bomb of deflate, to ${path}`,
    bytes: coded(path, 'deflate', deflateSync(zeros)),
    answers: [413],
  },
  { fault: `an unknown coding, to ${path}`, bytes: coded(path, 'lzma', small), answers: [415] },
]);

const brSmall = brotliCompressSync('["small"]');
const brRows: FaultRow[] = brPaths.flatMap((path) => [
  { fault: `br, to ${path}`, bytes: coded(path, 'br', brSmall), answers: [200] },
  { fault: `br that is cut off, to ${path}`, bytes: coded(path, 'br', brSmall.subarray(0, -3)), answers: [400] },
  { fault: `br that is none, to ${path}`, bytes: coded(path, 'br', Buffer.from('["plain"]')), answers: [400] },
  { fault: `a bomb of br, to ${path}`, bytes: coded(path, 'br', brBomb), answers: [413] },
  {
    fault: `a bomb of br in br, to ${path}`,
    bytes: coded(path, 'br, br', brotliCompressSync(brBomb)),
    answers: [413],
  },
  { fault: `a bomb of br in gzip, to ${path}`, bytes: coded(path, 'br, gzip', gzipSync(brBomb)), answers: [413] },
]);

const withinMemory = async (fault: FaultRow) => {
  server.forgetPeak();
  const before = server.residentBytes;

  await survives(server, fault);

  expect(server.peakBytes - before).toBeLessThan(32 * 2 ** 20);
};

describe('a body with', () => {
  test.each([...rows, ...brRows])('$fault harms nobody, and keeps memory within 32 MiB', withinMemory);
});

const onZstd = zstdCompressSync === undefined ? describe.skip : describe;
const whyNot = zstdCompressSync === undefined ? ' (skipped: this Node has no zstd, which came with 22.15)' : '';

onZstd(`a body of zstd${whyNot}`, () => {
  const compress = zstdCompressSync ?? ((bytes: Buffer) => bytes);
  const one = compress(Buffer.from('["small"]'));
  const zstdBomb = compress(zeros);
  const zstdRows: FaultRow[] = paths.flatMap((path) => [
    { fault: `that is whole, to ${path}`, bytes: coded(path, 'zstd', one), answers: [200] },
    { fault: `that is cut off, to ${path}`, bytes: coded(path, 'zstd', one.subarray(0, -3)), answers: [400] },
    { fault: `that is none, to ${path}`, bytes: coded(path, 'zstd', Buffer.from('["plain"]')), answers: [400] },
    { fault: `that is a bomb, to ${path}`, bytes: coded(path, 'zstd', zstdBomb), answers: [413] },
    {
      fault: `that is a bomb in a bomb, to ${path}`,
      bytes: coded(path, 'zstd, zstd', compress(zstdBomb)),
      answers: [413],
    },
  ]);

  test.each(zstdRows)('$fault, harms nobody, and keeps memory within 32 MiB', withinMemory);
});

test('br is refused where the decoder of Node has an out-of-bounds write, and read where it has none', async () => {
  const { status } = await request(server.port, [coded('/json', 'br', brotliCompressSync('["small"]'))]);

  expect([200, 415]).toContain(status);
  if (process.versions.node.startsWith('20.')) expect(status).toBe(415);
});

test('a client that goes away at any byte of a coded body leaves no decoder', async () => {
  const bytes = coded('/decompress', 'gzip', small);
  const { handled } = await server.report();

  for (let at = 1; at < bytes.length; at++) await vanish(server.port, bytes.subarray(0, at));

  expect(await server.leftovers()).toEqual(nothingLeft);
  // Those that asked whether the server is well.
  expect((await server.report()).handled - handled).toBeLessThan(bytes.length);
});

test('200 clients that leave a bomb half way leave no memory', async () => {
  const half = coded('/decompress', 'gzip', bomb).subarray(0, bomb.length / 2);
  const wave = () => Promise.all(Array.from({ length: 20 }, () => vanish(server.port, half)));

  expect(await server.leastGrowth(wave, 10)).toBeLessThan(20 * 2 ** 20);
  expect(await server.leftovers()).toEqual(nothingLeft);
});
