import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import type express from 'express';
import type { PipeResponse } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const get = async () => {
  const response = await fetch(server.url);
  return { response, text: await response.text() };
};

const mark = (name: string) =>
  new Transform({
    transform: (chunk, _encoding, callback) => callback(null, `<${chunk}>`),
    flush: (callback) => callback(null, name),
  });

const file = join(mkdtempSync(join(tmpdir(), 'pipebody-test-')), 'file.txt');
beforeAll(() => writeFileSync(file, 'hello'));
afterAll(() => rmSync(file));

type Express = express.Response & PipeResponse;

/** Every way to make headers leave; each sends `hello` in the end. */
const ways: [string, (res: Express) => unknown][] = [
  ['end()', (res) => res.end('hello')],
  ['write()', (res) => [res.write('hel'), res.end('lo')]],
  ['writeHead()', (res) => res.writeHead(202, { 'X-Given': 'head' }).end('hello')],
  ['flushHeaders()', (res) => [res.flushHeaders(), res.end('hello')]],
  ['bodyWriter.write()', async (res) => [await res.bodyWriter.write('hello'), res.end()]],
  ['bodyWriter.flush()', async (res) => [await res.bodyWriter.flush(), res.end('hello')]],
  ['body.end()', (res) => res.body.end('hello')],
  ['startAsync()', async (res) => [await res.startAsync(), res.end('hello')]],
  ['writeAsync()', async (res) => [await res.writeAsync('hello'), await res.completeAsync()]],
  ['flush()', (res) => [res.flush(), res.end('hello')]],
  ['a pipe', (res) => new PassThrough().end('hello').pipe(res)],
];
const waysOfExpress: typeof ways = [
  ['send()', (res) => res.send('hello')],
  ['json()', (res) => res.type('text').send('hello')],
  ['sendFile()', (res) => res.sendFile(file)],
];

describe.each(hosts)('the start of a response on $name', (host) => {
  const all = host.name.startsWith('Express') ? [...ways, ...waysOfExpress] : ways;

  describe.each([
    ['a synchronous', (work: () => void) => work()],
    [
      'an asynchronous',
      async (work: () => void) => {
        await nextTurn();
        work();
      },
    ],
  ])('%s callback', (_kind, run) => {
    test.each(all)('runs before %s sends the headers, and may change them', async (_name, send) => {
      server = await host.start((_req, res) => {
        res.onStarting(() =>
          run(() => {
            res.setHeader('X-Started', String([res.headersSent, res.hasStarted, res.getHeader('x-given') ?? '']));
            res.statusCode = 201;
          }),
        );
        return send(res as Express);
      });

      const { response, text } = await get();

      expect(text).toBe('hello');
      expect(response.status).toBe(201);
      expect(response.headers.get('X-Started')).toMatch(/^false,false,/);
    });
  });

  test('callbacks run one after the other, the last registered first, and may register more', async () => {
    const order: string[] = [];
    server = await host.start((_req, res) => {
      res.onStarting(() => order.push('first'));
      res.onStarting(async () => {
        await nextTurn();
        order.push('second');
        res.onStarting(() => order.push('added'));
      });
      res.onStarting(() => order.push('third'));
      res.end();
    });

    await get();

    expect(order).toEqual(['third', 'second', 'added', 'first']);
  });

  test('writes made while the callbacks run wait, and keep their order', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => nextTurn());
      res.write('1');
      res.bodyWriter.advance(res.bodyWriter.getMemory(1).write('2'));
      res.write('x'.repeat(20_000));
      void res.bodyWriter.write('3');
      res.body.write('4');
      res.end('5');
    });

    expect((await get()).text).toBe(`12${'x'.repeat(20_000)}345`);
  });

  test('a callback that is registered after the start is an error', async () => {
    let error: unknown;
    server = await host.start((_req, res) => {
      res.write('started');
      try {
        res.onStarting(() => {});
      } catch (thrown) {
        error = thrown;
      }
      res.end();
    });

    await get();

    expect(error).toMatchObject({ name: 'InvalidOperationError', code: 'ERR_PIPE_RESPONSE_STARTED' });
  });

  test.each([
    ['throws', () => Promise.reject(new Error('callback'))],
    [
      'rejects',
      () => {
        throw new Error('callback');
      },
    ],
  ])('a callback that %s makes the response a 500, and the others are skipped', async (_how, callback) => {
    const skipped = jest.fn();
    // jest has a process object of its own, which hears no 'warning'.
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    let failure: unknown;
    server = await host.start(async (_req, res) => {
      res.setHeader('X-Secret', 'page');
      res.onStarting(skipped);
      res.onStarting(callback);
      failure = await res.writeAsync('never sent').catch((error: unknown) => error);
      res.end('nor this');
    });

    const { response, text } = await get();

    expect(response.status).toBe(500);
    expect(response.headers.get('X-Secret')).toBeNull();
    expect(text).toBe('Internal Server Error');
    expect(skipped).not.toHaveBeenCalled();
    expect(failure).toMatchObject({ message: 'callback' });
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('callback'), 'PipebodyWarning');
    warned.mockRestore();
  });

  test('startAsync() runs the callbacks once', async () => {
    const callback = jest.fn();
    server = await host.start(async (_req, res) => {
      res.onStarting(callback);
      await Promise.all([res.startAsync(), res.startAsync()]);
      const { hasStarted } = res;
      await res.startAsync();
      res.end(String(hasStarted));
    });

    expect((await get()).text).toBe('true');
    expect(callback).toHaveBeenCalledTimes(1);
  });

  describe('a body that a callback swaps in', () => {
    const swap = (res: PipeResponse, name: string) => {
      const transform = mark(name);
      transform.pipe(res.body);
      res.body = transform;
    };

    test('gets what was written before the start, and what comes after it', async () => {
      server = await host.start(async (_req, res) => {
        const { bodyWriter } = res;
        bodyWriter.advance(bodyWriter.getMemory(1).write('a'));
        res.onStarting(() => swap(res, '!'));
        await bodyWriter.flush();
        await nextTurn();
        await bodyWriter.write('b');
        await nextTurn();
        res.end('c');
      });

      expect((await get()).text).toBe('<a><b><c>!');
    });

    test('lies beneath the bodies that were swapped in before the start', async () => {
      server = await host.start(async (_req, res) => {
        res.onStarting(() => swap(res, 'late'));
        swap(res, 'early');
        res.end('x');
      });

      expect((await get()).text).toBe('<<x>><early>late');
    });

    test('of the middleware that was mounted first lies nearest to the client', async () => {
      server = await host.start(
        (_req, res, next) => {
          res.onStarting(() => swap(res, 'outer'));
          next();
        },
        (_req, res, next) => {
          res.onStarting(async () => {
            await nextTurn();
            swap(res, 'inner');
          });
          next();
        },
        (_req, res) => {
          res.end('x');
        },
      );

      expect((await get()).text).toBe('<<x>><inner>outer');
    });

    test('may be piped into res, and swapped in by pipeBodyThrough()', async () => {
      server = await host.start((_req, res) => {
        res.setHeader('Content-Length', 5);
        res.onStarting(() => {
          const gzip = createGzip();
          gzip.pipe(res);
          res.body = gzip;
          res.setHeader('Content-Encoding', 'gzip');
        });
        res.onStarting(() => res.pipeBodyThrough(mark('!')));
        res.end('hello');
      });

      const { response, text } = await get();

      expect(text).toBe('<hello>!');
      expect(response.headers.get('Content-Length')).toBeNull();
    });

    test('keeps a Content-Length that is set after it', async () => {
      server = await host.start((_req, res) => {
        res.setHeader('Content-Length', 1);
        res.onStarting(() => {
          swap(res, '!');
          res.setHeader('Content-Length', 4);
        });
        res.end('x');
      });

      const { response, text } = await get();

      expect(text).toBe('<x>!');
      expect(response.headers.get('Content-Length')).toBe('4');
    });
  });
});

describe.each(hosts)('while starting callbacks run on $name', (host) => {
  const upper = () =>
    new Transform({ transform: (chunk, _e, callback) => callback(null, String(chunk).toUpperCase()) });

  test.each([
    ['bodyWriter', async (res: PipeResponse) => void (await res.bodyWriter.write('b'))],
    ['body', (res: PipeResponse) => new Promise((resolve) => res.body.write('b', resolve))],
    ['writeAsync()', (res: PipeResponse) => res.writeAsync('b')],
  ])('the handler writes on by %s, above its own swap and in order', async (_name, write) => {
    server = await host.start(async (_req, res) => {
      res.pipeBodyThrough(upper());
      res.onStarting(async () => {
        await nextTurn();
        res.pipeBodyThrough(mark('!'));
      });
      res.onStarting(() => nextTurn());
      res.write('a');
      await write(res as PipeResponse);
      res.end('c');
    });

    expect((await get()).text.replaceAll(/[<>]/g, '')).toBe('ABC!');
  });

  test('a callback that waits for the start is refused, and the response is a 500', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    server = await host.start((_req, res) => {
      res.onStarting(() => res.startAsync());
      res.end('x');
    });

    expect((await get()).response.status).toBe(500);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('cannot wait for the start'), 'PipebodyWarning');
    warned.mockRestore();
  });

  const all = host.name.startsWith('Express') ? [...ways, ...waysOfExpress] : ways;

  test.each(all)('headers that node:http refuses make the response a 500, sent by %s', async (_name, send) => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    server = await host.start(async (_req, res) => {
      res.onStarting(async () => {
        await nextTurn();
        res.statusCode = 1_000;
      });
      const results = await Promise.allSettled([send(res as Express)].flat());
      // Whoever was told answers.
      if (results.some(({ status }) => status === 'rejected') && !res.headersSent) res.writeHead(500).end();
    });

    expect((await get()).response.status).toBe(500);
    warned.mockRestore();
  });

  test('flushHeaders() makes them leave when the callbacks are done', async () => {
    let end = () => {};
    server = await host.start((_req, res) => {
      res.onStarting(() => nextTurn());
      res.flushHeaders();
      end = () => res.end('x');
    });

    // Settles with the headers.
    const response = await fetch(server.url);
    end();

    expect(await response.text()).toBe('x');
  });

  test('whoever waits to write more goes on when the start has failed', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const drained = jest.fn();
    server = await host.start((_req, res) => {
      res.onStarting(() => nextTurn().then(() => Promise.reject(new Error('no'))));
      if (!res.write('x')) res.once('drain', drained);
    });

    expect((await get()).response.status).toBe(500);
    expect(drained).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });
});
