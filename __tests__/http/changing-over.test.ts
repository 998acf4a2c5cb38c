import type { Readable } from 'node:stream';
import { createGunzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { PipeReader } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

// Whoever reads next gets the byte after the last one that was taken, whichever way each of them reads.

let server: RunningServer;
afterEach(() => server.close());

const ways = ['bodyReader', 'body', 'req'] as const;
type Step = { readonly way: (typeof ways)[number]; readonly count: number };

/** Takes some bytes from a stream, fewer only at its end. Asking again must leave the event loop a turn. */
async function takeFromStream(stream: Readable, count: number): Promise<string> {
  const listen = () => {};
  stream.on('readable', listen);
  try {
    for (;;) {
      const chunk = stream.read(count) as Buffer | null;
      if (chunk !== null) return String(chunk);
      if (stream.readableEnded || stream.destroyed) return '';
      await new Promise(setImmediate);
    }
  } finally {
    stream.off('readable', listen);
  }
}

async function takeFromReader(reader: PipeReader, count: number): Promise<string> {
  const { buffer } = await reader.readAtLeast(count);
  const taken = buffer.slice(0, Math.min(count, buffer.length));
  const text = taken.toString();
  reader.advanceTo(taken.end);
  return text;
}

/** Reads as the steps say, and the rest by bodyReader. */
const readBySteps =
  (steps: readonly Step[]): TestHandler =>
  async (req, res) => {
    let text = '';
    for (const { way, count } of steps) {
      if (way === 'bodyReader') text += await takeFromReader(req.bodyReader, count);
      if (way === 'body') text += await takeFromStream(req.body, count);
      if (way === 'req') text += await takeFromStream(req, count);
    }
    for (let piece = 'x'; piece !== ''; text += piece) piece = await takeFromReader(req.bodyReader, 1_000);
    res.end(text);
  };

const untilComplete: TestHandler = async (req, _res, next) => {
  while (!req.complete) await new Promise(setImmediate);
  next();
};

const gunzip: TestHandler = (req, _res, next) => {
  req.body = req.body.pipe(createGunzip());
  next();
};

const step = fc.record({ way: fc.constantFrom(...ways), count: fc.integer({ min: 1, max: 12 }) });
const body = 'abcdefghijklmnopqrstuvwxyz0123456789';

describe.each(hosts.filter(({ name }) => /Express 5|node:http/.test(name)))('changing over on $name', (host) => {
  test.each([
    ['a body that arrives meanwhile', [], (text: string) => Buffer.from(text)],
    ['a body that has arrived with its end', [untilComplete], (text: string) => Buffer.from(text)],
    ['a swapped body', [gunzip], (text: string) => gzipSync(text)],
    ['a swapped body that has arrived with its end', [untilComplete, gunzip], (text: string) => gzipSync(text)],
  ])('%s: no byte is lost, in any order', async (_name, before, encode) => {
    let steps: Step[] = [];
    server = await host.start(...before, (req, res, next) => readBySteps(steps)(req, res, next));
    const client = await RawClient.connect(server.port);
    const bytes = encode(body);
    let count = 0;

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), fc.nat(bytes.length), async (chosen, cut) => {
        steps = chosen;
        count += 1;
        await client.send(postHead(bytes.length));
        await client.send(bytes.subarray(0, cut));
        await new Promise(setImmediate);
        await client.send(bytes.subarray(cut));

        expect((await client.responses(count))[count - 1]).toBe(body);
      }),
      { numRuns: 150 },
    );
  });
});
