import { once } from 'node:events';
import { PassThrough } from 'node:stream';
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
        () => pipe.reader.complete(),
      );
      return pipe.writer;
    },
  ],
];

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
