import { EventEmitter, once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import express from 'express';
import { createServer, json, pipeBody } from 'pipebody';
import { hosts, listen, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const limited = (maxRequestBodySize: number) => pipeBody({ maxRequestBodySize }) as TestHandler;

const paced = pipeBody({ minRequestBodyDataRate: { bytesPerSecond: 1_000, gracePeriodMs: 100 } }) as TestHandler;

/** Every way to read a body. */
const ways: [string, TestHandler][] = [
  ['bodyReader', async (req, res) => res.end(await readAll(req.bodyReader))],
  [
    'bodyReader.readAtLeast()',
    async (req, res) => res.end(String((await req.bodyReader.readAtLeast(1_000)).isCompleted)),
  ],
  ['body', async (req, res) => res.end(await text(req.body))],
  ['for await of req', async (req, res) => res.end(await text(req[Symbol.asyncIterator]()))],
  [
    "req.on('data')",
    (req, res, next) => {
      let received = '';
      req.on('data', (chunk) => {
        received += chunk;
      });
      req.on('end', () => res.end(received)).on('error', next);
    },
  ],
];

const failing =
  (handler: TestHandler): TestHandler =>
  async (req, res, next) => {
    try {
      await handler(req, res, next);
    } catch (error) {
      next(error);
    }
  };

/** Ways to swap a body that do not tell what was swapped in of an error beneath it. */
const swaps: [string, TestHandler][] = [
  ['req.body.pipe()', (req) => req.body.pipe(new PassThrough())],
  ['req.pipe()', (req) => req.pipe(new PassThrough())],
  ['bodyReader.asStream().pipe()', (req) => req.bodyReader.asStream().pipe(new PassThrough())],
];

const swappedBy =
  (swap: TestHandler): TestHandler =>
  (req, res, next) => {
    req.body = swap(req, res, next);
    next();
  };

describe.each(hosts)('maxRequestBodySize on $name', (host) => {
  test.each(swaps)('refuses a body beneath one that was swapped in by %s', async (_name, swap) => {
    for (const [, read] of ways) {
      server = await host.start(limited(5), swappedBy(swap), failing(read));
      const client = await RawClient.connect(server.port);

      await client.send(postHead(6));

      const answer = await client.until((received) => received.includes('entity.too.large'));
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
      await server.close();
    }
  });

  test.each(ways)('lets a body of just that size through to %s', async (_name, read) => {
    server = await host.start(limited(5), failing(read));

    const response = await fetch(server.url, { method: 'POST', body: 'hello' });

    expect(response.status).toBe(200);
  });

  test.each(ways)(
    'refuses %s of a longer one, before the first byte where Content-Length tells',
    async (_name, read) => {
      server = await host.start(limited(5), failing(read));
      const client = await RawClient.connect(server.port);

      await client.send(postHead(6));

      const answer = await client.until((received) => received.includes('entity.too.large'));
      expect(answer).toMatch(/^HTTP\/1.1 413 /);
      expect(answer).toContain('longer than 5 bytes');
    },
  );

  test.each(ways)('refuses %s of a longer one without Content-Length, when it has arrived', async (_name, read) => {
    server = await host.start(limited(5), failing(read));
    const client = await RawClient.connect(server.port);
    await client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');

    await client.send('1\r\n!\r\n');

    expect(await client.until((received) => received.includes('entity.too.large'))).toMatch(/^HTTP\/1.1 413 /);
  });

  test('does not concern a handler that reads nothing', async () => {
    server = await host.start(limited(5), (_req, res) => {
      res.end('unread');
    });

    const response = await fetch(server.url, { method: 'POST', body: 'longer' });

    expect(await response.text()).toBe('unread');
  });

  test('leaves the connection open, so that a client that is still writing reads the 413, and can ask again', async () => {
    server = await host.start(limited(5), failing((ways[0] as [string, TestHandler])[1]));
    const client = await RawClient.connect(server.port);
    const length = 8 * 1_048_576;
    await client.send(postHead(length));

    await client.send(Buffer.alloc(length));
    await client.send(`${postHead(2)}ok`);

    expect((await client.responses(2))[1]).toBe('ok');
  });
});

test.each([
  ['maxRequestBodySize', limited(5)],
  ['json()', json({ limit: 5 }) as TestHandler],
])(
  "the 413 of %s reaches a client that holds its body back, also by Express's own error handler",
  async (_n, parser) => {
    const app = express();
    app.use(parser as unknown as express.Handler, failing((ways[0] as [string, TestHandler])[1]) as never);
    app.use(((_error, _req, _res, next) => next(_error)) as express.ErrorRequestHandler);
    server = await listen(createServer(app));
    const client = await RawClient.connect(server.port);

    await client.send(postHead(6, 'Content-Type: application/json'));

    expect(await client.until((received) => received.includes('longer than 5 bytes'))).toMatch(/^HTTP\/1.1 413 /);
    client.reset();
  },
);

test('the 413 of a parser that has never heard of us reaches a client that holds its body back, and can ask again', async () => {
  const app = express();
  app.use(limited(5) as never, express.text({ type: () => true }), ((req, res) =>
    res.send(req.body)) as express.Handler);
  app.use(((error, _req, _res, next) => next(error)) as express.ErrorRequestHandler);
  server = await listen(createServer(app));
  const client = await RawClient.connect(server.port);
  await client.send(postHead(6));
  const isRefused = (received: string) =>
    received.startsWith('HTTP/1.1 413 ') && received.includes('longer than 5 bytes');
  await client.until(isRefused);

  await client.send(`123456${postHead(2)}ok`);

  expect(await client.until((received) => received.endsWith('\r\n\r\nok'))).toContain('HTTP/1.1 200 OK');
  client.reset();
});

test('who listens to the request is told of the error, and of no end', async () => {
  const events: string[] = [];
  server = await (hosts[0] as (typeof hosts)[0]).start(limited(5), (req, _res, next) => {
    req.on('data', () => {}).on('end', () => events.push(`end of ${req.url}`));
    req.on('error', (error) => {
      events.push((error as { type?: string }).type ?? 'error');
      next(error);
    });
  });
  const client = await RawClient.connect(server.port);
  await client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello!\r\n');
  await client.until((received) => received.includes('entity.too.large'));

  await client.send('1\r\n!\r\n0\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n');
  client.socket.end();
  await client.closed();

  expect(events[0]).toBe('entity.too.large');
  expect(events).not.toContain('end of /');
});

describe.each(hosts)('minRequestBodyDataRate on $name', (host) => {
  /** A client that stalls, and is refused as soon as the grace period is over. */
  const graceIsOver = async () => {
    const client = await RawClient.connect(server.port);
    await client.send(`POST /stalls HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf`);
    await client.until((received) => received.includes('request.timeout'));
    client.reset();
  };

  const stalling =
    (handler: TestHandler): TestHandler =>
    (req, res, next) =>
      failing(req.url === '/stalls' ? (ways[0] as [string, TestHandler])[1] : handler)(req, res, next);

  test('does not concern a body that was read to its end, and is read again later', async () => {
    const read = new EventEmitter();
    server = await host.start(
      paced,
      stalling(async (req, res) => {
        req.enableBuffering();
        await readAll(req.bodyReader);
        req.rewindBody();
        read.emit('whole');
        await once(read, 'over');
        res.end(await readAll(req.bodyReader));
      }),
    );
    const client = await RawClient.connect(server.port);
    await client.send(`${postHead(5)}he`);
    const whole = once(read, 'whole');
    await client.send('llo');
    await whole;

    await graceIsOver();
    read.emit('over');

    expect(await client.responses(1)).toEqual(['hello']);
    client.reset();
  });

  test('does not concern a body whose reader has no room', async () => {
    const stuck = new EventEmitter();
    server = await host.start(
      paced,
      stalling((req, res) => {
        let length = 0;
        const write = async (chunk: Buffer, _encoding: string, callback: () => void) => {
          if (length === 0) await Promise.all([stuck.emit('full'), once(stuck, 'over')]);
          length += chunk.length;
          callback();
        };
        req.pipe(new Writable({ highWaterMark: 1, write })).on('finish', () => res.end(String(length)));
      }),
    );
    const client = await RawClient.connect(server.port);
    const full = once(stuck, 'full');
    await client.send(`${postHead(10)}hello`);
    await full;

    await graceIsOver();
    stuck.emit('over');
    await client.send('world');

    expect(await client.responses(1)).toEqual(['10']);
    client.reset();
  });

  test('does not concern a body that nobody waits for any more', async () => {
    const read = new EventEmitter();
    server = await host.start(
      paced,
      stalling(async (req, res) => {
        const aborter = new AbortController();
        const given = req.bodyReader.read({ signal: aborter.signal }).catch(() => {});
        aborter.abort();
        await given;
        read.emit('given up');
        await once(read, 'over');
        res.end(await readAll(req.bodyReader));
      }),
    );
    const client = await RawClient.connect(server.port);
    const givenUp = once(read, 'given up');
    await client.send(postHead(5));
    await givenUp;

    await graceIsOver();
    read.emit('over');
    await client.send('hello');

    expect(await client.responses(1)).toEqual(['hello']);
    client.reset();
  });

  test('fails a listener that paused and went on with a 408 when the client stalls', async () => {
    const paused = new EventEmitter();
    server = await host.start(
      paced,
      stalling((req, _res, next) => {
        req.on('error', next).once('data', () => {
          req.pause();
          paused.emit('now');
          paused.once('over', () => req.resume());
        });
        req.on('data', () => {});
      }),
    );
    const client = await RawClient.connect(server.port);
    const isPaused = once(paused, 'now');
    await client.send(`${postHead(10)}half`);
    await isPaused;

    await graceIsOver();
    expect(String(client.received)).toBe('');
    paused.emit('over');
    const answer = await client.until((received) => received.includes('request.timeout'));

    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    client.reset();
  });

  test('does not concern a body that is thrown away, and gives it no early end', async () => {
    const handled = new EventEmitter();
    server = await host.start(
      paced,
      stalling(async (req, res) => {
        const aborter = new AbortController();
        const given = req.bodyReader.read({ signal: aborter.signal }).catch(() => {});
        aborter.abort();
        await given;
        req.on('end', () => res.end('over'));
        req.resume();
        handled.emit('resumed');
      }),
    );
    const client = await RawClient.connect(server.port);
    const isResumed = once(handled, 'resumed');
    await client.send(`${postHead(10)}`);
    await isResumed;

    await graceIsOver();
    expect(String(client.received)).toBe('');
    await client.send('helloworld');

    expect(await client.responses(1)).toEqual(['over']);
    client.reset();
  });

  test.each(ways.filter(([name]) => !name.includes('AtLeast')))(
    'fails %s with a 408 when the client stalls',
    async (_name, read) => {
      server = await host.start(paced, failing(read));
      const client = await RawClient.connect(server.port);
      await client.send(`${postHead(10)}half`);

      const answer = await client.until((received) => received.includes('request.timeout'));

      expect(answer).toMatch(/^HTTP\/1.1 408 /);
    },
  );

  test.each(swaps)('fails whoever reads a body swapped in by %s with a 408, too', async (_name, swap) => {
    server = await host.start(paced, swappedBy(swap), failing((ways[0] as [string, TestHandler])[1]));
    const client = await RawClient.connect(server.port);
    await client.send(`${postHead(10)}half`);

    const answer = await client.until((received) => received.includes('request.timeout'));

    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });

  test('does not concern a body that has arrived, however late it is read', async () => {
    const refusals = new EventEmitter();
    server = await host.start(paced, async (req, res) => {
      // The one that stalls is refused meanwhile.
      if (req.headers['content-length'] !== '10') await once(refusals, 'refused');
      res.end(await readAll(req.bodyReader).catch(({ type }) => String(refusals.emit('refused', type))));
    });

    const response = fetch(server.url, { method: 'POST', body: 'hello' });
    const client = await RawClient.connect(server.port);
    await client.send(`${postHead(10)}half`);

    expect(await (await response).text()).toBe('hello');
  });
});

test.each([
  ['NaN bytes', { maxRequestBodySize: Number.NaN }],
  ['less than no bytes', { maxRequestBodySize: -1 }],
  ['a rate that is none', { minRequestBodyDataRate: { bytesPerSecond: Number.NaN, gracePeriodMs: 1 } }],
])('pipeBody() refuses %s when it is made', (_name, options) => {
  server = { close: async () => {} } as RunningServer;

  expect(() => pipeBody(options)).toThrow(RangeError);
});

describe('Expect: 100-continue on createServer()', () => {
  const serve = async (...handlers: TestHandler[]) => {
    const app = express();
    for (const handler of handlers) app.use(handler as unknown as express.Handler);
    server = await listen(createServer(app));
  };
  const ask = (length: number) => {
    const headers = { Expect: '100-continue', 'Content-Length': length };
    const request = httpRequest(server.url, { method: 'POST', headers });
    request.flushHeaders();
    return request;
  };

  test('is answered when the body is read, and not before', async () => {
    let read = () => {};
    const wanted = new Promise<void>((resolve) => {
      read = resolve;
    });
    await serve(async (req, res) => {
      await wanted;
      res.end(await readAll(req.bodyReader));
    });
    const request = ask(5);
    const order: string[] = [];
    request.once('continue', () => {
      order.push('continue');
      request.end('hello');
    });

    order.push('read');
    read();
    const [response] = await once(request, 'response');

    expect(await text(response)).toBe('hello');
    expect(order).toEqual(['read', 'continue']);
  });

  test('is answered for who reads the request itself', async () => {
    await serve(express.text({ type: () => true }) as unknown as TestHandler, (req, res) => {
      res.end(req.body);
    });
    const request = ask(5).once('continue', () => request.end('hello'));

    const [response] = await once(request, 'response');

    expect(await text(response)).toBe('hello');
  });

  test('is refused with a 413 before a byte of the body, and the connection closes', async () => {
    await serve(limited(4), failing((ways[0] as [string, TestHandler])[1]));
    const continued = jest.fn();
    const request = ask(5).on('continue', continued);

    const [response] = await once(request, 'response');

    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    expect(continued).not.toHaveBeenCalled();
    request.destroy();
  });
});
