import { createHook } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import fc from 'fast-check';
import { type CompressOptions, compress, createServer, Pipe, type PipeOptions, type PipeReader } from 'pipebody';
import {
  type CodingName,
  type ContentCoding,
  codingNames,
  makeCodings,
} from '../../../src/middleware/compress/content-codings';
import { EncodedBody } from '../../../src/middleware/compress/encoded-body';
import { askEncoded, decode } from '../../support/ask-encoded';
import { listen, type RunningServer, type TestHandler } from '../../support/hosts';

let server: RunningServer | undefined;
afterEach(() => server?.close());

const serve = async (
  handler: TestHandler,
  options: CompressOptions = {},
  type = 'text/plain',
): Promise<RunningServer> => {
  const middleware = compress(options) as unknown as TestHandler;
  const listener: TestHandler = (req, res) => {
    res.setHeader('Content-Type', type);
    middleware(req, res, () => handler(req, res, () => {}));
  };
  server = await listen(createServer(listener as never));
  return server;
};

/** The body of an answer, decoded as it comes. */
async function open({ url }: RunningServer, coding = 'gzip'): Promise<Readable & { request: http.ClientRequest }> {
  const request = http.get(url, { agent: false, headers: { 'Accept-Encoding': coding } });
  const [response] = await once(request, 'response');
  const decoded = response.pipe(coding === 'br' ? createBrotliDecompress() : createGunzip()).setEncoding('utf8');
  return Object.assign(decoded, { request });
}

/** A step that a test takes for the handler. */
function makeGate(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const endless: TestHandler = (_req, res) => {
  const write = (): void => {
    while (!res.destroyed && res.write('x'.repeat(10_000)));
    if (!res.destroyed) res.once('drain', write);
  };
  write();
};

describe('compress() and streams of events', () => {
  const eventWays: [string, CompressOptions, string, Record<string, string>][] = [
    ['text/event-stream', {}, 'text/event-stream', {}],
    ['X-Accel-Buffering: no', {}, 'text/plain', { 'X-Accel-Buffering': 'no' }],
    ['"flushWrites"', { flushWrites: () => true }, 'application/json', {}],
  ];

  test.each(eventWays.flatMap((way) => ['gzip', 'br', 'deflate'].map((coding) => [...way, coding] as const)))(
    '%s: each event is with the client before the next is written',
    async (_name, options, type, headers, coding) => {
      const gates = [makeGate(), makeGate()];
      const { url } = await serve(
        async (_req, res) => {
          for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
          res.write('data: 1\n\n');
          await gates[0]?.opened;
          res.write('data: ');
          res.write('2\n\n');
          await gates[1]?.opened;
          res.end('data: 3\n\n');
        },
        options,
        type,
      );

      const response = await fetch(url, { headers: { 'Accept-Encoding': coding } });
      const events = [];
      for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
        events.push(Buffer.from(piece).toString());
        gates[events.length - 1]?.open();
      }

      expect([response.headers.get('content-encoding'), events.join('')]).toEqual([
        coding,
        'data: 1\n\ndata: 2\n\ndata: 3\n\n',
      ]);
    },
  );

  test('res.flush() brings what was written, behind everything before it', async () => {
    const gate = makeGate();
    const running = await serve(async (_req, res) => {
      res.write('a'.repeat(300_000));
      res.write('b');
      res.flush();
      await gate.opened;
      res.end('c');
    });

    const body = await open(running);
    let text = '';
    for await (const piece of body) {
      text += piece;
      if (text.endsWith('b')) gate.open();
    }

    expect(text).toBe(`${'a'.repeat(300_000)}bc`);
  });

  test.each(['gzip', 'br', 'deflate'])('res.flush() between any writes leaves a %s body whole', async (coding) => {
    const running = await serve(async (_req, res) => {
      for (const text of ['a', 'b'.repeat(100_000), '', 'c']) {
        res.flush();
        res.write(text);
        res.flush();
        await new Promise(setImmediate);
        res.flush();
      }
      res.end('d');
    });

    const { text } = await askEncoded(running, { headers: { 'Accept-Encoding': coding } });

    expect(text).toBe(`a${'b'.repeat(100_000)}cd`);
  });

  test('curl prints an event as soon as it was written', async () => {
    const { url } = await serve((_req, res) => void res.write('data: 1\n\n'), {}, 'text/event-stream');
    const curl = execFile('curl', ['-sN', '--compressed', url]);

    const [printed] = await once(curl.stdout as Readable, 'data');
    curl.kill();

    expect(printed).toBe('data: 1\n\n');
  });
});

describe('compress() and bodies of several writes', () => {
  const pieces = fc.array(fc.record({ length: fc.integer({ min: 0, max: 40_000 }), waits: fc.boolean() }), {
    maxLength: 12,
  });

  test('the client gets every byte, however they are written', async () => {
    let plan: { length: number; waits: boolean }[] = [];
    const running = await serve(
      async (_req, res) => {
        for (const [index, { length, waits }] of plan.entries()) {
          res.write(Buffer.alloc(length, index + 1));
          if (waits) await new Promise(setImmediate);
        }
        res.end();
      },
      { threshold: 0 },
    );

    await fc.assert(
      fc.asyncProperty(pieces, async (drawn) => {
        plan = drawn;
        const { text } = await askEncoded(running);
        expect(text).toBe(drawn.map(({ length }, index) => String.fromCharCode(index + 1).repeat(length)).join(''));
      }),
      { numRuns: 50 },
    );
  });

  test('the callbacks of writes and of the end run, in their order', async () => {
    const called: string[] = [];
    const running = await serve((_req, res) => {
      res.write('one', () => called.push('one'));
      res.write('2'.repeat(100_000), () => called.push('two'));
      res.once('finish', () => called.push('finish'));
      res.end('three', () => called.push('end'));
    });
    await askEncoded(running);

    expect(called.slice(0, 2)).toEqual(['one', 'two']);
    expect(called.slice(2).sort()).toEqual(['end', 'finish']);
  });

  test('whoever waits for drain is told, and leaves no listener behind', async () => {
    let listeners = -1;
    const running = await serve((_req, res) => {
      let rounds = 0;
      const write = (): void => {
        while (rounds < 40) {
          rounds += 1;
          if (!res.write('x'.repeat(50_000))) return void res.once('drain', write);
        }
        listeners = res.listenerCount('drain');
        res.end();
      };
      write();
    });

    expect((await askEncoded(running)).text.length).toBe(2_000_000);
    expect(listeners).toBe(0);
  });

  test('curl decodes a large body', async () => {
    const { url } = await serve((_req, res) => res.end('curl '.repeat(100_000)));

    const { stdout } = await promisify(execFile)('curl', ['-s', '--compressed', url], { maxBuffer: 1e7 });

    expect(stdout).toBe('curl '.repeat(100_000));
  });
});

describe('compress() and a response that is cut off', () => {
  /** The encoders that were made, as node:zlib's handles know them. */
  const encoders: Transform[] = [];
  const hook = createHook({
    init(_id, type, _trigger, handle) {
      if (type !== 'ZLIB') return;
      setImmediate(() => {
        const owner = Object.getOwnPropertySymbols(handle).find(({ description }) => description === 'owner_symbol');
        if (owner !== undefined) encoders.push((handle as never)[owner]);
      });
    },
  });
  /** From here on; compress() itself tries its options on some. */
  const watchEncoders = () => {
    encoders.length = 0;
    hook.enable();
  };
  afterEach(() => hook.disable());

  test.each([
    ['the client goes away', (body: { request: http.ClientRequest }) => body.request.destroy()],
    ['the handler destroys it', () => {}],
  ])('%s: the encoder is destroyed', async (name, cut) => {
    const closed = makeGate();
    const running = await serve((req, res) => {
      res.once('close', closed.open);
      endless(req, res, () => {});
      if (name === 'the handler destroys it') setImmediate(() => res.destroy());
    });
    watchEncoders();
    const body = await open(running).catch(() => undefined);
    body?.on('error', () => {}).resume();
    if (body !== undefined) cut(body);
    await closed.opened;
    await new Promise(setImmediate);

    // The decoder of this test is a handle of node:zlib, too.
    const theirs = encoders.filter((encoder) => (encoder as never as object) !== body);
    expect(theirs.length).toBeGreaterThan(0);
    expect(theirs.every(({ destroyed }) => destroyed)).toBe(true);
  });

  test('a response that the handler gives up never looks whole', async () => {
    const running = await serve((_req, res) => {
      res.write('x'.repeat(200_000));
      setImmediate(() => res.destroy());
    });

    await expect(askEncoded(running)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('a client that was gone before the answer costs no encoder', async () => {
    const [gone, done] = [makeGate(), makeGate()];
    const running = await serve(async (_req, res) => {
      res.once('close', gone.open);
      await gone.opened;
      res.end('x'.repeat(20_000));
      done.open();
    });
    watchEncoders();
    const request = http
      .get(running.url, { agent: false, headers: { 'Accept-Encoding': 'gzip' } })
      .on('error', () => {});
    await once(request, 'socket');
    await once(request.socket as never, 'connect');
    await new Promise(setImmediate);
    request.destroy();
    await done.opened;
    await new Promise(setImmediate);

    expect(encoders).toEqual([]);
  });
});

const encodedInto = (coding: ContentCoding, options?: PipeOptions, isFlushed = false) => {
  const { reader, writer } = new Pipe(options);
  const lengths: number[] = [];
  const settings = { coding, isFlushed, declareLength: (byteCount: number) => void lengths.push(byteCount) };
  return { reader, lengths, body: new EncodedBody(settings, writer) };
};
const codingOf = (name: CodingName) =>
  makeCodings([name], { zlib: {}, brotli: {}, zstd: {} }).get(name) as ContentCoding;

/** Everything, by somebody who takes their time. */
async function readSlowly(reader: PipeReader): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const segment of reader) {
    pieces.push(Buffer.from(segment));
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }
  await reader.complete();
  return Buffer.concat(pieces);
}

describe.each(codingNames)('EncodedBody of %s', (name) => {
  const coding = codingOf(name);
  const testWhereKnown = coding === undefined ? test.skip : test;
  const why = coding === undefined ? ' (skipped: this Node does not have it)' : '';
  const makeBody = (options?: PipeOptions, isFlushed = false) => encodedInto(coding, options, isFlushed);

  testWhereKnown(`waits for a pipe that is read slowly${why}`, async () => {
    const { reader, body } = makeBody({ pauseWriterThreshold: 1 });
    const noise = randomBytes(200_000);
    body.end(noise);

    expect(decode(name, await readSlowly(reader)).equals(noise)).toBe(true);
  });

  testWhereKnown(`declares the length of what it encodes at once, in however many writes it came${why}`, async () => {
    const { reader, lengths, body } = makeBody();
    for (const text of ['hello, ', 'wor', 'ld']) {
      body.write(text);
      await new Promise(setImmediate);
    }
    body.end();

    const bytes = await readSlowly(reader);

    expect(decode(name, bytes).toString()).toBe('hello, world');
    expect(lengths).toEqual([bytes.length]);
  });

  testWhereKnown(`keeps apart what bodies that are encoded side by side hold${why}`, async () => {
    const bodies = Array.from({ length: 40 }, (_, index) => {
      const { reader, body } = makeBody({ pauseWriterThreshold: 0 }, true);
      const text = Array.from({ length: 3 }, (_, piece) => `${index}:${piece} `.repeat(1_000));
      return { reader, body, text };
    });
    for (let piece = 0; piece < 3; piece++) {
      for (const { body, text } of bodies) await new Promise((resolve) => body.write(text[piece] as string, resolve));
    }
    const answers = bodies.map(async ({ reader, body, text }) => {
      body.end();
      return decode(name, await readSlowly(reader)).toString() === text.join('');
    });

    expect(new Set(await Promise.all(answers))).toEqual(new Set([true]));
  });

  testWhereKnown(`can be destroyed at any time, and the others go on${why}`, async () => {
    const [gone, other] = [makeBody(undefined, true), makeBody(undefined, true)];
    const text = 'x'.repeat(300_000);
    gone.body.write(text);
    other.body.end(text);
    gone.body.destroy();

    expect(decode(name, await readSlowly(other.reader)).toString()).toBe(text);
  });
});

describe('EncodedBody', () => {
  test('takes no second piece before the pipe has taken the first', async () => {
    const { reader, body } = encodedInto(codingOf('gzip'), { pauseWriterThreshold: 1 });
    const noise = randomBytes(1_000_000);
    body.end(noise);
    const { buffer: first } = await reader.read();
    reader.advanceTo(first.start);
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);

    const { buffer } = await reader.read();

    expect(buffer.length).toBeLessThan(140_000);
    reader.advanceTo(buffer.start);
    expect(decode('gzip', await readSlowly(reader)).equals(noise)).toBe(true);
  });
});
