import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { PipeWriter } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

describe.each(hosts)('a response on $name', (host) => {
  test.each([
    ['with its bytes under way', 'x'.repeat(10_000_000)],
    ['with all of them at the socket', 'a'],
  ])('that was ended %s calls back for a second end(), too', async (_when, body) => {
    let whenCalled: (() => void) | undefined;
    const called = new Promise<void>((resolve) => {
      whenCalled = resolve;
    });
    server = await host.start((_req, res) => {
      res.end(body);
      res.end(() => whenCalled?.());
    });

    expect(await (await fetch(server.url)).text()).toBe(body);
    await called;
  });

  test.each(['write', 'end'] as const)(
    'refuses %s() of what is no chunk, and can still be answered',
    async (method) => {
      server = await host.start((_req, res) => {
        try {
          res[method]({ no: 'chunk' } as never);
        } catch (error) {
          res.end((error as { code: string }).code);
        }
      });

      expect(await (await fetch(server.url)).text()).toBe('ERR_INVALID_ARG_TYPE');
    },
  );

  test('is cut where more was written than it declares while its callbacks ran, behind its headers', async () => {
    server = await host.start((_req, res) => {
      res.setHeader('Content-Length', 2);
      res.onStarting(() => nextTurn());
      res.write('ab', () => {});
      res.write('x'.repeat(100_000), () => {});
      res.end();
    });

    await expect(fetch(server.url).then((response) => response.text())).rejects.toThrow();
  });

  test('that a starting callback destroys and fails is cut, and takes no more callbacks', async () => {
    let code: string | undefined;
    server = await host.start((_req, res) => {
      res.onStarting(() => {
        res.destroy();
        throw new Error('no start');
      });
      res.end('a');
      try {
        res.onStarting(() => {});
      } catch (error) {
        code = (error as { code: string }).code;
      }
    });

    await expect(fetch(server.url)).rejects.toThrow();
    expect(code).toBe('ERR_PIPE_RESPONSE_STARTED');
  });

  test('sends several headers of one name that writeHead() was given while callbacks wait', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => nextTurn());
      res.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-One': 1 });
      res.end();
    });

    const { headers } = await fetch(server.url);

    expect([headers.getSetCookie(), headers.get('x-one')]).toEqual([['a=1', 'b=2'], '1']);
  });

  test('is not held to a Content-Length where Transfer-Encoding says how it ends', async () => {
    server = await host.start((_req, res) => {
      res.setHeader('Transfer-Encoding', 'chunked');
      res.write('more than');
      res.end(' five');
    });

    expect(await (await fetch(server.url)).text()).toBe('more than five');
  });

  test('whose client is gone gives a bodyWriter that says that nobody reads', async () => {
    let whenWritten: ((result: unknown) => void) | undefined;
    const written = new Promise((resolve) => {
      whenWritten = resolve;
    });
    server = await host.start((_req, res) => {
      res.once('close', () => whenWritten?.(res.bodyWriter.write('late')));
      res.flushHeaders();
    });
    const response = await fetch(server.url);

    await response.body?.cancel();

    expect(await written).toEqual({ isCanceled: false, isCompleted: true });
  });

  test('goes through a writer that a starting callback assigns', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => {
        const gzip = createGzip();
        gzip.pipe(res.body);
        res.setHeader('Content-Encoding', 'gzip');
        res.bodyWriter = PipeWriter.from(gzip);
      });
      res.write('hello ');
      res.end('gzip');
    });

    expect(await (await fetch(server.url)).text()).toBe('hello gzip');
  });

  test('counts in writableLength what a body that a callback swapped in holds', async () => {
    let held = 0;
    server = await host.start(async (_req, res) => {
      let goOn = () => {};
      const slow = new PassThrough({
        transform(chunk, _encoding, callback) {
          goOn = () => callback(null, chunk);
        },
      });
      res.onStarting(() => void res.pipeBodyThrough(slow));
      res.write('hello');
      await nextTurn();
      held = res.writableLength;
      goOn();
      res.end();
    });

    expect(await (await fetch(server.url)).text()).toBe('hello');
    expect(held).toBeGreaterThanOrEqual(5);
  });

  test('has a body that says how often it is corked, and tells a write after its destruction that it failed', async () => {
    const told: unknown[] = [];
    server = await host.start((_req, res) => {
      const { body } = res;
      body.cork();
      told.push(body.writableCorked);
      body.uncork();
      told.push(body.writableCorked);
      body.destroy();
      body.write('late', (error) => told.push((error as { code?: string } | null)?.code));
    });

    await expect(fetch(server.url)).rejects.toThrow();
    expect(told).toEqual([1, 0, 'ERR_STREAM_DESTROYED']);
  });

  test('whose end() came first lets the end of its body be nothing', async () => {
    let isFinished = false;
    server = await host.start((_req, res) => {
      const { body } = res;
      res.end('whole');
      body.end(() => {
        isFinished = true;
      });
    });

    expect(await (await fetch(server.url)).text()).toBe('whole');
    await nextTurn();
    expect(isFinished).toBe(true);
  });
});
