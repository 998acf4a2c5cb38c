import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream';
import { finished, pipeline as pipelineOf } from 'node:stream/promises';
import {
  afterPipeBody,
  ask,
  askTwice,
  largeRows,
  type Row,
  requestRows,
  responseRows,
  withPipeBody,
} from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

// node:stream itself: pipeline() and finished() over req and res, and the loops that people write by hand.

let server: RunningServer;
afterEach(() => server.close());

const small = Buffer.from('hello, é');
const large = randomBytes(300_000);

const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Takes bytes and says by `digest` what they were. */
class Digest extends Writable {
  readonly #hash = createHash('sha256');

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.#hash.update(chunk);
    callback();
  }

  get digest(): string {
    return this.#hash.digest('hex');
  }
}

type Source = 'req' | 'req.body';
type Read = (stream: Readable) => Promise<string>;

/** The ways to read a stream to its end. */
const reads: Record<string, Read> = {
  'pipeline()': async (stream) => {
    const digest = new Digest();
    await pipelineOf(stream, digest);
    return digest.digest;
  },
  'pipeline() through a transform': async (stream) => {
    const digest = new Digest();
    await pipelineOf(stream, new PassThrough(), digest);
    return digest.digest;
  },
  'pipeline() with a callback': (stream) => {
    const digest = new Digest();
    return new Promise((resolve, reject) => {
      pipeline(stream, digest, (error) => (error ? reject(error) : resolve(digest.digest)));
    });
  },
  'pipe()': async (stream) => {
    const digest = stream.pipe(new Digest());
    await finished(digest);
    return digest.digest;
  },
  'for await': async (stream) => {
    const hash = createHash('sha256');
    for await (const chunk of stream) hash.update(chunk);
    return hash.digest('hex');
  },
  "on('data') and finished()": async (stream) => {
    const hash = createHash('sha256');
    stream.on('data', (chunk) => hash.update(chunk));
    await finished(stream, { writable: false });
    return hash.digest('hex');
  },
  "on('readable') and read()": async (stream) => {
    const hash = createHash('sha256');
    stream.on('readable', () => {
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) hash.update(chunk);
    });
    await once(stream, 'end');
    return hash.digest('hex');
  },
  'pause() and resume() at every chunk': async (stream) => {
    const hash = createHash('sha256');
    stream.on('data', (chunk) => {
      hash.update(chunk);
      stream.pause();
      setImmediate(() => stream.resume());
    });
    await once(stream, 'end');
    return hash.digest('hex');
  },
  'Readable.toWeb()': async (stream) => {
    const hash = createHash('sha256');
    for await (const chunk of Readable.toWeb(stream)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  },
};

describe.each(Object.entries(reads).map(([way, read]) => ({ way, read })))('$way', ({ read }) => {
  const claim = (from: Source, body: Buffer) => async (row: Row) => {
    server = await row.start([], async (req, res) => {
      res.end(await read(from === 'req' ? req : req.body));
    });

    const answers = await askTwice(server, { body: row.encode(body) });

    expect(answers.map(({ text }) => text)).toEqual([digestOf(body), digestOf(body)]);
  };

  test.each(requestRows)('reads req: $host, $order, $what', claim('req', small));
  test.each(requestRows.filter(afterPipeBody))('reads req.body: $host, $what', claim('req.body', small));
  test.each(largeRows)('reads a large req: $host, $order, $what', claim('req', large));
  test.each(largeRows.filter(afterPipeBody))('reads a large req.body: $host, $what', claim('req.body', large));
});

/** The ways to answer with a stream. */
const answers: Record<string, (source: Readable, res: Parameters<TestHandler>[1]) => unknown> = {
  'pipeline() to res': (source, res) => pipelineOf(source, res),
  'pipeline() through a transform to res': (source, res) => pipelineOf(source, new PassThrough(), res),
  'pipe() to res': (source, res) => source.pipe(res),
  'a loop that waits for drain': async (source, res) => {
    for await (const chunk of source) if (!res.write(chunk)) await once(res, 'drain');
    res.end();
  },
  'a loop that waits for callbacks': async (source, res) => {
    for await (const chunk of source) await new Promise((resolve) => res.write(chunk, resolve));
    await new Promise<void>((resolve) => res.end(resolve));
  },
  'Writable.toWeb(res)': (source, res) => Readable.toWeb(source).pipeTo(Writable.toWeb(res)),
};

const text = 'some text, é. '.repeat(5_000);
const sourceOf = () =>
  Readable.from(
    Buffer.from(text)
      .toString('latin1')
      .match(/.{1,5000}/gs) ?? [],
  ).map((piece) => Buffer.from(piece, 'latin1'));

describe.each(Object.entries(answers).map(([way, answer]) => ({ way, answer })))('$way', ({ answer }) => {
  test.each(responseRows)('sends every byte: $host, $order, $what', async (row) => {
    server = await row.start([], async (_req, res) => {
      await answer(sourceOf(), res);
    });

    const received = await askTwice(server);

    expect(received.map((each) => each.text === text)).toEqual([true, true]);
  });

  test.each(responseRows)('finishes the response: $host, $order, $what', async (row) => {
    let tell: (value: unknown) => void = () => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    server = await row.start([], async (_req, res) => {
      finished(res, { readable: false }).then(() => tell(res.writableFinished), tell);
      await answer(sourceOf(), res);
    });

    await ask(server);

    expect(await told).toBe(true);
  });
});

describe('pipeline() to res.body', () => {
  test.each(responseRows.filter(withPipeBody))('sends every byte: $host, $order, $what', async (row) => {
    server = await row.start([], async (_req, res) => {
      await pipelineOf(sourceOf(), res.body);
    });

    const received = await askTwice(server);

    expect(received.map((each) => each.text === text)).toEqual([true, true]);
  });
});

describe('pipeline() from req to res', () => {
  const capitals = () =>
    new Transform({ transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()) });

  test.each(requestRows)('echoes through a transform: $host, $order, $what', async (row) => {
    server = await row.start([], async (req, res) => {
      await pipelineOf(req, capitals(), res);
    });

    const received = await askTwice(server, { body: row.encode(Buffer.from('hello')) });

    expect(received.map((each) => each.text)).toEqual(['HELLO', 'HELLO']);
  });

  test.each(requestRows.filter(afterPipeBody))('echoes from req.body to res.body: $host, $what', async (row) => {
    server = await row.start([], async (req, res) => {
      await pipelineOf(req.body, capitals(), res.body);
    });

    const received = await askTwice(server, { body: row.encode(Buffer.from('hello')) });

    expect(received.map((each) => each.text)).toEqual(['HELLO', 'HELLO']);
  });

  test.each(responseRows)('a source that fails cuts the connection: $host, $order, $what', async (row) => {
    let tell: (value: unknown) => void = () => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    const failing = function* () {
      yield Buffer.from('first');
      throw new Error('the source failed');
    };
    server = await row.start([], (_req, res) => {
      res.flushHeaders();
      pipeline(Readable.from(failing()), res, tell);
    });

    const outcome = await ask(server).then(
      () => 'looks whole',
      () => 'cut',
    );

    expect([outcome, await told]).toEqual(['cut', expect.objectContaining({ message: 'the source failed' })]);
  });

  const inTime = requestRows.filter(({ what }) => what === 'plain' || what === 'peeked');
  test.each(inTime)('a client that goes away fails it: $host, $order, $what', async (row) => {
    let tell: (value: unknown) => void = () => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    server = await row.start([], (req) => {
      pipeline(req, new Digest(), tell);
    });
    const client = await RawClient.connect(server.port);

    await client.send(postHead(100, 'Expect: 100-continue'));
    await client.until((received) => received.includes('100 Continue'));
    await client.send('hello');
    client.reset();

    expect(await told).toMatchObject({
      code: expect.stringMatching(/ECONNRESET|ERR_STREAM_PREMATURE_CLOSE|ECONNABORTED/),
    });
  });
});
