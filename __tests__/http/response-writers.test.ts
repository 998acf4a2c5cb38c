import { once } from 'node:events';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Pipe, type PipeResponse, PipeWriter } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';
import { RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

/** Writers that end in the body that they replace. */
const assigned: [string, (res: PipeResponse) => PipeWriter][] = [
  [
    'a writer over a stream',
    (res) => {
      const through = new PassThrough({ highWaterMark: 8 });
      through.pipe(res.body);
      return PipeWriter.from(through);
    },
  ],
  [
    "a pipe's writer",
    ({ bodyWriter }) => {
      const pipe = new Pipe({ pauseWriterThreshold: 8 });
      const done = pipe.reader.copyTo(bodyWriter);
      done.then(
        () => bodyWriter.complete(),
        (error) => pipe.reader.complete(error),
      );
      return pipe.writer;
    },
  ],
  [
    'a writer over a web stream',
    (res) => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>({}, { highWaterMark: 64 });
      pipeline(Readable.fromWeb(readable as never), res.body, () => {});
      return PipeWriter.from(writable as never);
    },
  ],
];

/** A writer that somebody made from nothing but the abstract class. */
class CapitalWriter extends PipeWriter {
  readonly #beneath: PipeWriter;
  #memory: Buffer = Buffer.alloc(0);

  constructor(beneath: PipeWriter) {
    super();
    this.#beneath = beneath;
  }

  override getMemory(sizeHint?: number): Buffer {
    this.#memory = this.#beneath.getMemory(sizeHint);
    return this.#memory;
  }

  override advance(byteCount: number): void {
    this.#memory.write(this.#memory.toString('latin1', 0, byteCount).toUpperCase(), 'latin1');
    this.#beneath.advance(byteCount);
  }

  override flush() {
    return this.#beneath.flush();
  }

  override cancelPendingFlush(): void {
    this.#beneath.cancelPendingFlush();
  }

  override complete(error?: unknown): Promise<void> {
    return this.#beneath.complete(error);
  }
}

const get = async () => (await fetch(server.url)).text();

/** Puts text into a writer's memory. */
const hold = (writer: PipeWriter, text: string) => writer.advance(writer.getMemory(text.length).write(text));

/** A client that reads the first bytes of the body and is gone. */
async function askAndLeave(first: string): Promise<void> {
  const client = await RawClient.connect(server.port);
  await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  await client.until((text) => text.includes(first));
  client.reset();
}

describe.each(hosts)('res.bodyWriter on $name', (host) => {
  describe.each(assigned)('where %s was assigned', (_name, makeWriter) => {
    test('it is that very object until the next swap', async () => {
      server = await host.start((_req, res) => {
        const writer = makeWriter(res);
        res.bodyWriter = writer;
        const found = [res.bodyWriter];
        res.write('the same: ');
        res.body.write('');
        found.push(res.bodyWriter);
        res.pipeBodyThrough(new PassThrough());
        found.push(res.bodyWriter);
        res.end(String(found.map((each) => each === writer)));
      });

      expect(await get()).toBe('the same: true,true,false');
    });

    test('a start that takes its time holds the bytes of all in their order', async () => {
      server = await host.start((_req, res) => {
        res.onStarting(async () => {
          await new Promise(setImmediate);
          res.setHeader('X-Late', 'yes');
        });
        res.bodyWriter = makeWriter(res);
        res.write('1');
        void res.bodyWriter.write('2');
        res.body.write('3');
        void res.writeAsync('4');
        res.end('5');
      });

      const response = await fetch(server.url);

      expect([response.headers.get('X-Late'), await response.text()]).toEqual(['yes', '12345']);
    });

    test('completing it ends the response, and what comes behind is refused', async () => {
      let refused: { code?: string } | null | undefined;
      let isEnded = false;
      server = await host.start((_req, res) => {
        res.bodyWriter = makeWriter(res);
        res.write('1');
        void res.bodyWriter.complete();
        isEnded = res.writableEnded;
        res.write('2', (error) => {
          refused = error as { code?: string };
        });
        res.end('3');
      });

      expect(await get()).toBe('1');
      expect([isEnded, refused?.code]).toEqual([true, 'ERR_STREAM_WRITE_AFTER_END']);
    });

    test('completing it with an error cuts the connection', async () => {
      server = await host.start(async (_req, res) => {
        res.bodyWriter = makeWriter(res);
        res.flushHeaders();
        await new Promise(setImmediate);
        void res.bodyWriter.complete(new Error('no more'));
      });

      await expect(get()).rejects.toMatchObject({ message: 'terminated' });
    });

    test('writeAsync() rejects with the error of a starting callback', async () => {
      const failure = new Error('no start');
      let rejection: unknown;
      server = await host.start(async (_req, res) => {
        res.onStarting(async () => {
          await new Promise(setImmediate);
          throw failure;
        });
        res.bodyWriter = makeWriter(res);
        rejection = await res.writeAsync('hello').catch((error) => error);
      });

      expect((await fetch(server.url)).status).toBe(500);
      expect(rejection).toBe(failure);
    });

    test('memory that it handed out before the client went away can still be used', async () => {
      const told = new Promise<unknown>((resolve) => {
        const start = host.start(async (_req, res) => {
          res.bodyWriter = makeWriter(res);
          const { bodyWriter } = res;
          await bodyWriter.write('first');
          const memory = bodyWriter.getMemory(10);
          await once(res, 'close');
          bodyWriter.advance(memory.write('second'));
          resolve(bodyWriter.flush());
        });
        void start.then((running) => {
          server = running;
          return askAndLeave('first');
        });
      });

      expect(await told).toEqual({ isCanceled: false, isCompleted: true });
    });

    test('bytes written within one tick leave in the order of the calls', async () => {
      server = await host.start((_req, res) => {
        res.bodyWriter = makeWriter(res);
        res.write('1-');
        void res.bodyWriter.write('2-');
        res.body.write('3-');
        hold(res.bodyWriter, '4-');
        res.write('5-');
        hold(res.bodyWriter, '6-');
        res.body.write('7-');
        hold(res.bodyWriter, '8-');
        res.end('9');
      });

      expect(await get()).toBe('1-2-3-4-5-6-7-8-9');
    });

    test('it is one writer until the next swap, and whoever waits for a slow writer keeps the order', async () => {
      let isSame = false;
      server = await host.start(async (_req, res) => {
        res.bodyWriter = makeWriter(res);
        const { bodyWriter } = res;
        for (let index = 0; index < 20; index += 1) {
          res.write(`${index}, a long piece;`);
          await bodyWriter.write(`${index}, another one;`);
        }
        isSame = bodyWriter === res.bodyWriter;
        await bodyWriter.complete();
      });

      const pieces = Array.from({ length: 20 }, (_, index) => `${index}, a long piece;${index}, another one;`);
      expect(await get()).toBe(pieces.join(''));
      expect(isSame).toBe(true);
    });

    test('its writes and flushes say that nobody reads when the client went away', async () => {
      const told = new Promise<unknown>((resolve) => {
        const start = host.start(async (_req, res) => {
          res.bodyWriter = makeWriter(res);
          const { bodyWriter } = res;
          await bodyWriter.write('first');
          await once(res, 'close');
          const results = [bodyWriter.write('second'), bodyWriter.flush(), res.bodyWriter.write('third')];
          resolve(Promise.all(results));
        });
        void start.then((running) => {
          server = running;
          return askAndLeave('first');
        });
      });

      expect(await told).toEqual(Array(3).fill({ isCanceled: false, isCompleted: true }));
    });
  });

  test('what comes by the response waits beside a flush of the writer, and neither is refused for the other', async () => {
    const results: unknown[] = [];
    server = await host.start(async (_req, res) => {
      const { bodyWriter } = res;
      const pipe = new Pipe({ pauseWriterThreshold: 8 });
      res.bodyWriter = pipe.writer;
      const told = new Promise<unknown>((resolve) => {
        results.push(res.write('a long piece, ', resolve));
      });
      const written = pipe.writer.write('another one, ');
      results.push(res.write('and the last one'), res.writableNeedDrain, res.writableLength);
      const drained = once(res, 'drain');
      const copied = pipe.reader.copyTo(bodyWriter);
      results.push(await written, (await told) ?? null, (await drained).length, res.writableNeedDrain);
      res.end();
      await copied;
      await bodyWriter.complete();
    });

    expect(await get()).toBe('a long piece, another one, and the last one');
    expect(results).toEqual([false, false, true, 30, { isCanceled: false, isCompleted: false }, null, 0, false]);
  });

  test('the end of the response waits for a flush of the writer, and refuses none', async () => {
    const results: unknown[] = [];
    server = await host.start(async (_req, res) => {
      const { bodyWriter } = res;
      const pipe = new Pipe({ pauseWriterThreshold: 8 });
      res.bodyWriter = pipe.writer;
      const written = pipe.writer.write('a long piece, ');
      res.end('and the last one');
      results.push(res.writableEnded);
      await pipe.reader.copyTo(bodyWriter);
      results.push(await written);
      await bodyWriter.complete();
    });

    expect(await get()).toBe('a long piece, and the last one');
    expect(results).toEqual([true, { isCanceled: false, isCompleted: false }]);
  });

  test('a pipe takes no more memory once the client went away, and gives all of it back', async () => {
    const lent = new Set<Buffer>();
    const pool = {
      rent(minimumLength: number) {
        const memory = Buffer.alloc(Math.max(minimumLength, 64));
        lent.add(memory);
        return memory;
      },
      return: (memory: Buffer) => void lent.delete(memory),
    };
    const told = new Promise<unknown>((resolve) => {
      const start = host.start(async (_req, res) => {
        const { bodyWriter } = res;
        const pipe = new Pipe({ pool, minimumSegmentSize: 64 });
        res.bodyWriter = pipe.writer;
        res.write('first');
        const { buffer } = await pipe.reader.read();
        await bodyWriter.write(buffer.first);
        res.write('second');
        await once(res, 'close');
        for (let index = 0; index < 20; index += 1) await pipe.writer.write('for nobody'.repeat(5));
        const largest = lent.size;
        pipe.reader.advanceTo(buffer.start);
        const { code } = await pipe.reader.read().catch((error) => error);
        await pipe.reader.complete();
        resolve({ code, largest, left: lent.size });
      });
      void start.then((running) => {
        server = running;
        return askAndLeave('first');
      });
    });

    expect(await told).toEqual({ code: 'ERR_PIPE_PREMATURE_CLOSE', largest: 1, left: 0 });
  });

  test('the stream beneath a writer is destroyed when the client went away', async () => {
    const through = new PassThrough();
    server = await host.start((_req, res) => {
      through.pipe(res.body);
      res.bodyWriter = PipeWriter.from(through);
      res.write('first');
    });
    const closed = new Promise((resolve) => through.once('close', resolve));

    await askAndLeave('first');
    await closed;

    expect(through.errored).toMatchObject({ code: 'ERR_PIPE_PREMATURE_CLOSE' });
  });

  test('a pipe whose reader wants no more closes the stream into it, and the response goes on beneath', async () => {
    server = await host.start(async (_req, res) => {
      const { bodyWriter } = res;
      const pipe = new Pipe();
      res.bodyWriter = pipe.writer;
      const { body } = res;
      body.write('for the pipe');
      await pipe.reader.complete();
      body.write('for nobody');
      if (!body.destroyed) await once(body, 'close');
      await bodyWriter.write('from beneath');
      await bodyWriter.complete();
    });

    expect(await get()).toBe('from beneath');
  });

  test('a pipe whose reader failed cuts the connection at the next write', async () => {
    server = await host.start(async (_req, res) => {
      const pipe = new Pipe();
      res.bodyWriter = pipe.writer;
      res.flushHeaders();
      await pipe.reader.complete(new Error('no more'));
      res.write('for nobody');
    });

    await expect(get()).rejects.toMatchObject({ message: 'terminated' });
  });

  test('a writer of another make is found again, and gets the bytes', async () => {
    server = await host.start((_req, res) => {
      const writer = new CapitalWriter(res.bodyWriter);
      res.bodyWriter = writer;
      const isSame = res.bodyWriter === writer;
      res.write('hello, ');
      void res.bodyWriter.write('world ');
      res.end(`${isSame}`);
    });

    expect(await get()).toBe('HELLO, WORLD TRUE');
  });

  test('a writer assigned by a starting callback lies beneath the one that the handler finds', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => {
        const { body } = res;
        const through = new PassThrough();
        through.pipe(body);
        res.bodyWriter = PipeWriter.from(through);
      });
      const pipe = new Pipe();
      const { bodyWriter } = res;
      void pipe.reader.copyTo(bodyWriter).then(() => bodyWriter.complete());
      res.bodyWriter = pipe.writer;
      res.write('hello, ');
      void res.bodyWriter.write('world, ');
      res.end(`${res.bodyWriter === pipe.writer}`);
    });

    expect(await get()).toBe('hello, world, true');
  });

  test('only a writer can be assigned', async () => {
    let refused: unknown;
    server = await host.start((_req, res) => {
      try {
        res.bodyWriter = new PassThrough() as never;
      } catch (error) {
        refused = error;
      }
      res.end('hello');
    });

    expect(await get()).toBe('hello');
    expect(refused).toMatchObject({ name: 'TypeError', message: expect.stringContaining('PipeWriter') });
  });

  test('a flush over a body that was swapped in begins the response and waits for its start', async () => {
    const events: string[] = [];
    server = await host.start(async (_req, res) => {
      res.onStarting(async () => {
        await new Promise(setImmediate);
        res.setHeader('X-Late', 'yes');
        events.push('started');
      });
      res.pipeBodyThrough(new PassThrough());
      await res.bodyWriter.flush();
      events.push(`flushed, ${res.headersSent}`);
      res.end('hello');
    });

    const response = await fetch(server.url);

    expect([response.headers.get('X-Late'), await response.text()]).toEqual(['yes', 'hello']);
    expect(events).toEqual(['started', 'flushed, true']);
  });

  test('writes over a body that was swapped in wait for the start, and keep their order', async () => {
    const events: string[] = [];
    server = await host.start(async (_req, res) => {
      res.onStarting(async () => {
        await new Promise(setImmediate);
        events.push('started');
      });
      res.pipeBodyThrough(new PassThrough());
      const written = res.bodyWriter.write('1').then(() => events.push('written'));
      res.write('2');
      res.body.write('3');
      await written;
      res.end('4');
    });

    expect(await get()).toBe('1234');
    expect(events).toEqual(['started', 'written']);
  });

  test.each(['at once', 'later'])(
    'writeAsync() keeps its place where nobody waits for it, with a start that is done %s',
    async (when) => {
      server = await host.start((_req, res) => {
        res.onStarting(() => (when === 'later' ? new Promise((resolve) => setImmediate(resolve)) : undefined));
        res.write('1');
        void res.writeAsync('2');
        res.write('3');
        res.end('4');
      });

      expect(await get()).toBe('1234');
    },
  );

  test('completeAsync() ends the body in its place, though nobody waits for it', async () => {
    let refused: { code?: string } | null | undefined;
    server = await host.start((_req, res) => {
      res.write('1');
      void res.completeAsync();
      res.write('2', (error) => {
        refused = error as { code?: string };
      });
    });

    expect(await get()).toBe('1');
    expect(refused?.code).toBe('ERR_STREAM_WRITE_AFTER_END');
  });

  test('a flush over a body that was swapped in rejects with the error of a starting callback', async () => {
    const failure = new Error('no start');
    let rejection: unknown;
    server = await host.start(async (_req, res) => {
      res.onStarting(async () => {
        await new Promise(setImmediate);
        throw failure;
      });
      res.pipeBodyThrough(new PassThrough());
      rejection = await res.bodyWriter.write('hello').catch((error) => error);
    });

    expect((await fetch(server.url)).status).toBe(500);
    expect(rejection).toBe(failure);
  });

  test('a flush of nothing over an encoder lets the headers leave', async () => {
    server = await host.start(async (_req, res) => {
      res.setHeader('Content-Encoding', 'gzip');
      res.pipeBodyThrough(createGzip());
      await res.bodyWriter.flush();
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');

    expect(await client.until((text) => text.includes('\r\n\r\n'))).toContain('Content-Encoding: gzip');
    client.reset();
  });
});
