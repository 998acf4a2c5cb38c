import { PassThrough, type Readable } from 'node:stream';
import { TransformStream } from 'node:stream/web';
import { createGunzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { PipeReader } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

// Whoever reads next gets the byte after the last one that was taken, whichever way each of them reads.

let server: RunningServer;
afterEach(() => server.close());

type Request = Parameters<TestHandler>[0];
type Way = (req: Request, count: number) => unknown;

/** Takes some bytes from a stream, fewer only at its end. Asking again must leave the event loop a turn. */
async function takeByRead(stream: Readable, count: number): Promise<string> {
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

/**
 * Takes what a listener is given first, or less of it and puts back the rest, and pauses, as middleware does that looks at
 * the first bytes. While it is being told: after the last chunk Node is about to say that the stream has ended.
 */
async function takeByListener(stream: Readable, count = Number.POSITIVE_INFINITY): Promise<string> {
  if (stream.readableEnded) return '';
  return new Promise((resolve) => {
    const settle = (chunk: Buffer) => {
      stream.off('data', settle).off('end', end).pause();
      if (chunk.length > count) stream.unshift(chunk.subarray(count));
      resolve(String(chunk.subarray(0, count)));
    };
    const end = () => settle(Buffer.alloc(0));
    stream.on('data', settle).on('end', end).resume();
  });
}

async function takeByStep(stream: Readable): Promise<string> {
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) return String(chunk);
  return '';
}

async function takeByReader(reader: PipeReader, count: number): Promise<string> {
  const { buffer } = await reader.readAtLeast(count);
  const taken = buffer.slice(0, Math.min(count, buffer.length));
  const text = taken.toString();
  reader.advanceTo(taken.end);
  return text;
}

async function readAllOf(source: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of source) text += chunk;
  return text;
}

/** Each takes some bytes, and gives them as a string, or looks, or swaps. */
const ways: Record<string, Way> = {
  'bodyReader.readAtLeast()': (req, count) => takeByReader(req.bodyReader, count),
  'body.read()': (req, count) => takeByRead(req.body, count),
  'body, a listener': (req) => takeByListener(req.body),
  'body, a listener that puts back': (req, count) => takeByListener(req.body, count),
  'body, one step': (req) => takeByStep(req.body),
  'req.read()': (req, count) => takeByRead(req, count),
  'req, a listener': (req) => takeByListener(req),
  'req, a listener that puts back': (req, count) => takeByListener(req, count),
  'req, one step': (req) => takeByStep(req),
  'a look at body': (req) => void req.body,
  'a look at bodyReader': (req) => void req.bodyReader,
  'a peek': async (req) => {
    const { buffer } = await req.bodyReader.read();
    req.bodyReader.advanceTo(buffer.start, buffer.start);
  },
  'a peek at what is there': ({ bodyReader }) => {
    const result = bodyReader.tryRead();
    if (result !== undefined) bodyReader.advanceTo(result.buffer.start, result.buffer.start);
  },
  'a turn of the event loop': () => new Promise<void>((resolve) => setImmediate(resolve)),
  'req.pause()': (req) => void req.pause(),
  'body.pipe()': (req) => {
    req.body = req.body.pipe(new PassThrough());
  },
  'req.pipe()': (req) => {
    req.body = req.pipe(new PassThrough());
  },
  'pipeBodyThrough(Duplex)': (req) => void req.pipeBodyThrough(new PassThrough()),
  'pipeBodyThrough(web streams)': (req) => void req.pipeBodyThrough(new TransformStream()),
};

const isOver = (req: Request) => (req as Readable).readableEnded;

/** Each reads the rest. */
const ends: Record<string, (req: Request) => Promise<string>> = {
  bodyReader: (req) => readAllOf(req.bodyReader),
  body: (req) => readAllOf(req.body),
  req: (req) => readAllOf(req),
  'listeners of req': async (req) => {
    let text = '';
    if (isOver(req)) return text;
    await new Promise((resolve, reject) => {
      req.on('data', (chunk) => {
        text += chunk;
      });
      req.on('end', resolve).on('error', reject).resume();
    });
    return text;
  },
  'req.pipe()': async (req) => (isOver(req) ? '' : readAllOf(req.pipe(new PassThrough()))),
};

interface Program {
  readonly steps: readonly { readonly way: string; readonly count: number }[];
  readonly end: string | undefined;
  readonly isGzipped: boolean;
  readonly waitsUntilComplete: boolean;
}

async function follow({ steps, end, isGzipped, waitsUntilComplete }: Program, req: Request): Promise<string> {
  let text = '';
  while (waitsUntilComplete && !req.complete) await new Promise(setImmediate);
  if (isGzipped) req.body = req.body.pipe(createGunzip());
  for (const { way, count } of steps) text += (await ways[way]?.(req, count)) ?? '';
  return end === undefined ? text : text + (await ends[end]?.(req));
}

const programs = (end: fc.Arbitrary<string | undefined>, mayWait: boolean): fc.Arbitrary<Program> =>
  fc.record({
    steps: fc.array(fc.record({ way: fc.constantFrom(...Object.keys(ways)), count: fc.integer({ min: 1, max: 12 }) }), {
      maxLength: 6,
    }),
    end,
    isGzipped: fc.boolean(),
    waitsUntilComplete: mayWait ? fc.boolean() : fc.constant(false),
  });

const anyEnd = fc.constantFrom(...Object.keys(ends));
const short = 'abcdefghijklmnopqrstuvwxyz0123456789';
const long = Array.from({ length: 30_000 }, (_, index) => `${index},`).join('');

describe.each(hosts.filter(({ name }) => /Express 5|node:http/.test(name)))('changing over on $name', (host) => {
  /** Answers the first request of a connection as a program says, and the second by reading it. */
  async function expectBytes(body: string, anyProgram: fc.Arbitrary<Program>, numRuns: number): Promise<void> {
    let program: Program;
    server = await host.start(async (req, res) => {
      try {
        res.end(req.url === '/next' ? await readAllOf(req.bodyReader) : await follow(program, req));
      } catch (error) {
        res.end(String((error as Error).stack));
      }
    });

    await fc.assert(
      fc.asyncProperty(anyProgram, fc.double({ min: 0, max: 1, noNaN: true }), async (chosen, part) => {
        program = chosen;
        const bytes = program.isGzipped ? gzipSync(body) : Buffer.from(body);
        const cut = Math.floor(part * bytes.length);
        const client = await RawClient.connect(server.port);

        await client.send(postHead(bytes.length));
        await client.send(bytes.subarray(0, cut));
        await new Promise(setImmediate);
        await client.send(bytes.subarray(cut));
        await client.send(`${postHead(4).replace('POST /', 'POST /next')}NEXT`);

        const [answer, next] = await client.responses(2);
        client.socket.destroy();
        if (program.end === undefined) expect(body.startsWith(answer ?? 'nothing')).toBe(true);
        else expect(answer).toBe(body);
        expect(next).toBe('NEXT');
      }),
      { numRuns },
    );
  }

  test('no byte of a short body is lost, in any order', () => expectBytes(short, programs(anyEnd, true), 250));

  test('no byte of a body that does not fit into memory is lost, in any order', () =>
    expectBytes(long, programs(anyEnd, false), 80));

  test('a body that was read in part, in any way, does not keep the next request waiting', () =>
    expectBytes(long, programs(fc.constant(undefined), false), 80));
});
