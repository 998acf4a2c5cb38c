import { PassThrough, Transform, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { PipeResponse } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

const get = async (path = '/') => {
  const response = await fetch(server.url + path);
  return { response, text: await response.text() };
};

/** What a client gets, byte by byte, until the connection is closed. */
const rawGet = async (method = 'GET') => {
  const client = await RawClient.connect(server.port);
  await client.send(`${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return (await client.closed()).toString('latin1');
};

/** The sizes of the chunks in a chunked response. */
const chunkSizes = (response: string) =>
  [...response.slice(response.indexOf('\r\n\r\n')).matchAll(/\r\n([0-9a-f]+)\r\n/g)].map(([, size]) =>
    Number.parseInt(size as string, 16),
  );

describe.each(hosts)('small writes on $name', (host) => {
  test('of one tick leave as one chunk, whichever way they came', async () => {
    server = await host.start((_req, res) => {
      res.write('1');
      void res.bodyWriter.write('2');
      res.bodyWriter.advance(res.bodyWriter.getMemory().write('3'));
      res.body.write('4');
      res.write(Buffer.from('5'));
      res.write('Ng==', 'base64');
      setImmediate(() => res.end('7'));
    });

    const response = await rawGet();

    expect(response).toContain('\r\n6\r\n123456\r\n');
    expect(chunkSizes(response)).toEqual([6, 1, 0]);
  });

  test('are collected up to 16 KiB', async () => {
    server = await host.start((_req, res) => {
      for (let index = 0; index < 20; index++) res.write('x'.repeat(1_000));
      res.end();
    });

    const sizes = chunkSizes(await rawGet());

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20_000);
    // Node 26 joins the chunks of a tick itself.
    expect(sizes.length).toBeLessThanOrEqual(3);
  });

  test('commit the headers at the first, and call back when their bytes are out', async () => {
    const seen: unknown[] = [];
    server = await host.start((_req, res) => {
      res.write('a', () => seen.push('a is out'));
      seen.push(res.headersSent);
      res.write('b', 'utf8', () => {
        seen.push('b is out');
        res.end('c', () => seen.push('finished'));
      });
      seen.push('written');
    });

    await get();

    expect(seen).toEqual([true, 'written', 'a is out', 'b is out', 'finished']);
  });

  test('text beyond ASCII and lone surrogates leave as UTF-8', async () => {
    server = await host.start((_req, res) => {
      res.write('é€😀');
      res.write('\ud83d');
      res.write(`${'€'.repeat(3_000)}`);
      res.end('é', 'latin1');
    });

    const bytes = Buffer.from(await (await fetch(server.url)).arrayBuffer());

    expect(bytes).toEqual(Buffer.concat([Buffer.from(`é€😀\ud83d${'€'.repeat(3_000)}`), Buffer.from([0xe9])]));
  });

  test('what a caller changes after a write is not sent', async () => {
    server = await host.start((_req, res) => {
      const bytes = Buffer.from('good');
      res.write(bytes);
      bytes.fill('x');
      res.end();
    });

    expect((await get()).text).toBe('good');
  });
});

describe.each(hosts)('the Content-Length of a response on $name', (host) => {
  const throwing: [string, (res: PipeResponse) => unknown][] = [
    ['write()', (res) => res.write('toolong')],
    ['end()', (res) => res.end('toolong')],
    ['bodyWriter.write()', (res) => res.bodyWriter.write('toolong')],
    ['writeAsync()', (res) => res.writeAsync('toolong')],
    [
      'bodyWriter.flush()',
      (res) => {
        res.bodyWriter.advance(res.bodyWriter.getMemory(7).write('toolong'));
        return res.bodyWriter.flush();
      },
    ],
  ];
  test.each(throwing)('refuses a %s of more bytes, before anything is sent', async (_name, write) => {
    server = await host.start(async (_req, res, next) => {
      res.setHeader('Content-Length', 3);
      try {
        await write(res);
      } catch (error) {
        res.removeHeader('Content-Length');
        next(error);
      }
    });

    const { response, text } = await get();

    expect(response.status).toBe(500);
    expect(JSON.parse(text)).toMatchObject({
      code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
      message: expect.stringContaining('3 bytes, and 7 were written'),
    });
  });

  test.each(['write', 'end'] as const)(
    'throws at a later %s() of more bytes, and cuts the connection',
    async (method) => {
      let thrown: unknown;
      server = await host.start(async (_req, res) => {
        res.setHeader('Content-Length', 3);
        await res.writeAsync('abc');
        try {
          res[method]('def');
        } catch (error) {
          thrown = error;
        }
      });

      const response = await rawGet();

      expect(response).not.toContain('def');
      expect(thrown).toMatchObject({ code: 'ERR_HTTP_CONTENT_LENGTH_MISMATCH', expected: 3, received: 6 });
    },
  );

  test.each([
    ['a pipe', (res: PipeResponse) => new PassThrough().end('abcdef').pipe(res)],
    ['body.write()', (res: PipeResponse) => res.body.end('abcdef')],
  ])('cuts the connection at %s', async (_name, write) => {
    server = await host.start((_req, res) => {
      res.setHeader('Content-Length', 3);
      write(res);
    });

    const response = await rawGet();

    expect(response).not.toContain('def');
  });

  test.each([
    ['end()', (res: PipeResponse) => res.end('ab')],
    ['write() and end()', (res: PipeResponse) => [res.write('a'), res.end('b')]],
    ['completeAsync()', (res: PipeResponse) => res.writeAsync('ab').then(() => res.completeAsync())],
  ])('closes the connection after %s of fewer bytes, so that the client notices', async (_name, write) => {
    server = await host.start((_req, res) => {
      res.setHeader('Content-Length', 3);
      return write(res);
    });

    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');

    expect((await client.closed()).toString()).toMatch(/\r\n\r\nab$/);
  });

  test.each(['HEAD'])('is not checked for %s', async (method) => {
    server = await host.start((_req, res) => {
      res.setHeader('Content-Length', 3);
      res.end(method);
    });

    expect(await rawGet(method)).toMatch(/Content-Length: 3\r\n(.+\r\n)*\r\n$/i);
  });

  test.each([204, 304])('is not checked for a %d', async (status) => {
    server = await host.start((_req, res) => {
      res.statusCode = status;
      if (status === 304) res.setHeader('Content-Length', 3);
      res.end();
    });

    expect((await get()).response.status).toBe(status);
  });
});

describe.each(hosts)('the end of a response on $name', (host) => {
  test('onCompleted() runs its callbacks after it, the last registered first, also after a failing one', async () => {
    const order: string[] = [];
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    let allDone = () => {};
    const done = new Promise<void>((resolve) => {
      allDone = resolve;
    });
    server = await host.start((_req, res) => {
      res.onCompleted(() => {
        order.push(`first ${res.writableFinished}`);
        allDone();
      });
      res.onCompleted(() => Promise.reject(new Error('second')));
      res.onCompleted(async () => {
        await nextTurn();
        order.push('third');
        res.onCompleted(() => order.push('added'));
      });
      res.end('x');
    });

    await get();
    await done;

    expect(order).toEqual(['third', 'added', 'first true']);
    expect(warned).toHaveBeenCalledWith(expect.stringContaining('second'), 'PipebodyWarning');
    warned.mockRestore();
  });

  test('registerForDispose() takes whatever has a way to be disposed of, and disposes of the last one first', async () => {
    const log: string[] = [];
    let first = () => {};
    const isOver = new Promise<void>((resolve) => {
      first = resolve;
    });
    server = await host.start((_req, res) => {
      res.registerForDispose({ destroy: () => first() });
      res.registerForDispose({ dispose: () => log.push('dispose()') });
      res.registerForDispose({ [Symbol.dispose]: () => void log.push('[Symbol.dispose]()') });
      res.end();
    });

    await get();
    await isOver;

    expect(log).toEqual(['[Symbol.dispose]()', 'dispose()']);
  });

  test('registerForDispose() disposes of resources, also when the client goes away', async () => {
    const file = new PassThrough();
    const closed = new Promise((resolve) => file.once('close', resolve));
    let disposed = () => {};
    const resource = new Promise<void>((resolve) => {
      disposed = resolve;
    });
    server = await host.start((_req, res) => {
      res.registerForDispose(file);
      res.registerForDispose({ [Symbol.asyncDispose]: async () => disposed() });
      res.write('half');
    });
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until((text) => text.includes('half'));

    client.reset();

    await Promise.all([closed, resource]);
  });

  test('writeAsync() and completeAsync() write and end it, and settle when it was handed to the system', async () => {
    const seen: unknown[] = [];
    let settled = () => {};
    const done = new Promise<void>((resolve) => {
      settled = resolve;
    });
    server = await host.start(async (_req, res) => {
      seen.push(await res.writeAsync('aGVs', { encoding: 'base64' }));
      seen.push(await res.writeAsync('lo'));
      await res.completeAsync();
      seen.push(res.writableFinished, await res.writeAsync('late'));
      settled();
    });

    expect((await get()).text).toBe('hello');
    await done;
    expect(seen).toEqual([
      { isCompleted: false, isCanceled: false },
      { isCompleted: false, isCanceled: false },
      true,
      { isCompleted: true, isCanceled: false },
    ]);
  });

  test('writableEnded and writableLength know of a swapped body', async () => {
    const seen: unknown[] = [];
    server = await host.start((_req, res) => {
      let release = () => {};
      const slow = new Transform({
        transform: (chunk, _encoding, callback) => {
          release = () => callback(null, chunk);
        },
      });
      slow.pipe(res.body);
      res.body = slow;
      res.write('hello');
      res.end();
      seen.push(res.writableEnded, res.writableFinished, res.writableLength >= 5, res.headersSent);
      setImmediate(() => release());
    });

    expect((await get()).text).toBe('hello');
    expect(seen).toEqual([true, false, true, true]);
  });
});

const through: [string, () => Parameters<PipeResponse['pipeBodyThrough']>[0]][] = [
  ['a Duplex', () => createGzip()],
  ['a pair of web streams', () => new CompressionStream('gzip') as never],
];

describe.each(hosts)('pipeBodyThrough() of a response on $name', (host) => {
  const encoded =
    (transform: () => Parameters<PipeResponse['pipeBodyThrough']>[0]): TestHandler =>
    (_req, res, next) => {
      res.setHeader('Content-Encoding', 'gzip');
      const body = res.pipeBodyThrough(transform());
      if (body !== res.body || !(body instanceof Writable)) next(new Error('not the body'));
      else next();
    };

  test.each(through)('sends the body through %s', async (_name, transform) => {
    server = await host.start(encoded(transform), (_req, res) => {
      res.write('hel');
      res.end('lo');
    });

    expect((await get()).text).toBe('hello');
  });

  test.each(through)('is stacked, with %s beneath', async (_name, transform) => {
    server = await host.start(
      encoded(transform),
      (_req, res, next) => {
        res.pipeBodyThrough(new PassThrough());
        res.pipeBodyThrough(
          new Transform({ transform: (chunk, _e, callback) => callback(null, String(chunk).toUpperCase()) }),
        );
        next();
      },
      async (_req, res) => {
        await res.bodyWriter.write('hel');
        await res.bodyWriter.write('lo');
        await res.bodyWriter.complete();
      },
    );

    expect((await get()).text).toBe('HELLO');
  });

  test('cuts the connection when the transform fails', async () => {
    server = await host.start((_req, res) => {
      res.pipeBodyThrough(new Transform({ transform: (_c, _e, callback) => callback(new Error('transform')) }));
      res.end('hello');
    });

    expect(await rawGet()).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test('destroys the transform when the client goes away', async () => {
    let transform: PassThrough | undefined;
    server = await host.start((_req, res) => {
      transform = new PassThrough();
      res.pipeBodyThrough(transform);
      res.write('half');
    });
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until((text) => text.includes('half'));

    client.reset();

    await new Promise((resolve) => transform?.once('close', resolve));
  });

  test('flush() pushes what the transforms hold to the client', async () => {
    server = await host.start((_req, res) => {
      res.pipeBodyThrough(createGunzip());
      res.pipeBodyThrough(createGzip());
      res.write('hello');
      res.flush();
    });
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');

    expect(await client.until((text) => text.includes('hello'))).toContain('hello');
    client.reset();
  });
});

describe.each(hosts)('as in Node, on $name', (host) => {
  const swaps: [string, (res: PipeResponse) => unknown][] = [
    ['without a swap', () => {}],
    ['with a swapped body', (res) => res.pipeBodyThrough(new PassThrough())],
    [
      'with a body that a starting callback swapped in',
      (res) => res.onStarting(() => res.pipeBodyThrough(new PassThrough())),
    ],
  ];

  test.each(swaps)('an empty write calls back, %s', async (_name, swap) => {
    server = await host.start(async (_req, res) => {
      swap(res);
      await new Promise((resolve) => res.write('', resolve));
      res.end('hello');
    });

    expect((await get()).text).toBe('hello');
  });

  test.each(swaps)('a corked response comes out at its end, %s', async (_name, swap) => {
    server = await host.start((_req, res) => {
      swap(res);
      res.cork();
      res.write('hel');
      res.end('lo');
    });

    expect((await get()).text).toBe('hello');
  });

  // Node 22 never says 'drain' where what was corked is too much, and is with the system at once when it is uncorked.
  const corked = process.version.startsWith('v22.') ? swaps.slice(0, 1) : swaps;
  test.each(corked)('an end lets what was corked go, however much it is, %s', async (_name, swap) => {
    server = await host.start(async (_req, res) => {
      swap(res);
      res.write('first');
      await nextTurn();
      res.cork();
      res.write(Buffer.alloc(100_000, 'a'));
      res.end('last');
    });

    expect((await get()).text).toBe(`first${'a'.repeat(100_000)}last`);
  });

  test.each(swaps)('what is no chunk is refused before anything is sent, %s', async (_name, swap) => {
    server = await host.start((_req, res, next) => {
      swap(res);
      try {
        res.end({ an: 'object' } as never);
      } catch (error) {
        next(error);
      }
    });

    const { response, text } = await get();

    expect(response.status).toBe(500);
    expect(text).toContain('ERR_INVALID_ARG_TYPE');
  });

  test('a second end() changes nothing, and the connection goes on', async () => {
    server = await host.start((_req, res) => {
      res.setHeader('Content-Length', 1);
      res.end('x');
      res.end();
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.responses(1);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');

    expect(await client.responses(2)).toEqual(['x', 'x']);
    client.reset();
  });

  test('a second end() calls back with the error that node gives, once the response has finished', async () => {
    let tell = (_error: unknown) => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    server = await host.start((_req, res) => res.end('x', () => res.end(tell)));

    await get();

    expect(await told).toMatchObject({ code: 'ERR_STREAM_ALREADY_FINISHED' });
  });
});

/** What may lie between the three doors of a body and its client. */
const between: [string, (res: PipeResponse) => unknown][] = [
  ['nothing', () => {}],
  ['a swapped body', (res) => res.pipeBodyThrough(new PassThrough())],
  ['a start that is done later', (res) => res.onStarting(() => nextTurn())],
  ['a body swapped in by a starting callback', (res) => res.onStarting(() => res.pipeBodyThrough(new PassThrough()))],
];

describe.each(hosts)('what comes behind the end on $name', (host) => {
  describe.each(between)('with %s between', (_name, lay) => {
    test.each<[string, (res: PipeResponse) => unknown]>([
      ['res.end()', (res) => res.end('hello')],
      ['the end of res.body', (res) => res.body.end('hello')],
      [
        'complete() of bodyWriter',
        ({ bodyWriter }) => void bodyWriter.write('hello').then(() => bodyWriter.complete()),
      ],
    ])('is refused and changes nothing, behind %s', async (_end, end) => {
      let code: string | undefined;
      server = await host.start(async (_req, res) => {
        lay(res);
        res.on('error', () => {});
        end(res);
        while (!res.writableEnded) await nextTurn();
        res.write('more', (error) => {
          code = (error as { code?: string } | undefined)?.code;
        });
      });

      expect((await get()).text).toBe('hello');
      expect(code).toBe('ERR_STREAM_WRITE_AFTER_END');
    });

    test('makes a write of bodyWriter say that nobody reads', async () => {
      const results: unknown[] = [];
      server = await host.start(async (_req, res) => {
        lay(res);
        res.end('hello');
        results.push(await res.bodyWriter.write('more'), await res.writeAsync('more'));
      });

      expect((await get()).text).toBe('hello');
      expect(results).toEqual(Array(2).fill({ isCanceled: false, isCompleted: true }));
    });
  });

  test('goes to the callback of a write to body, and body stays whole', async () => {
    let code: string | undefined;
    server = await host.start((_req, res) => {
      res.onStarting(() => nextTurn());
      const { body } = res;
      body.end('hello');
      body.write('more', (error) => {
        code = (error as { code?: string }).code;
      });
    });

    expect((await get()).text).toBe('hello');
    expect(code).toBe('ERR_STREAM_WRITE_AFTER_END');
  });
});
