import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip, createGzip, gzipSync } from 'node:zlib';
import { json, PipeReader } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
  fetch(server.url, { method: 'POST', body, headers: { 'Content-Type': 'text/plain', ...headers } });

const tempFiles = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('pipebody-') && name.includes(`-${process.pid}-`));

const through: [string, () => Parameters<import('pipebody').PipeRequest['pipeBodyThrough']>[0]][] = [
  ['a Duplex', () => createGunzip()],
  ['a pair of web streams', () => new DecompressionStream('gzip') as never],
];

describe.each(hosts)('pipeBodyThrough() of a request on $name', (host) => {
  test.each(through)('gives what comes out of %s to every reader', async (_name, transform) => {
    server = await host.start(async (req, res) => {
      const body = req.pipeBodyThrough(transform());
      const isBody = body === req.body;
      const { buffer } = await req.bodyReader.read();
      const first = buffer.slice(0, 2).toString();
      req.bodyReader.advanceTo(buffer.getPosition(2));
      res.end(`${isBody} ${first} ${await text(req)}`);
    });

    expect(await (await post(gzipSync('hello'))).text()).toBe('true he llo');
  });

  test('is stacked', async () => {
    server = await host.start(async (req, res) => {
      req.pipeBodyThrough(createGunzip());
      req.pipeBodyThrough(createGzip());
      req.pipeBodyThrough(createGunzip());
      res.end(await readAll(req.bodyReader));
    });

    expect(await (await post(gzipSync('hello'))).text()).toBe('hello');
  });

  test.each(through)('gives the error of %s to who reads', async (_name, transform) => {
    server = await host.start(async (req, res) => {
      req.pipeBodyThrough(transform());
      const error = await readAll(req.bodyReader).catch((failure) => failure);
      res.end(String(error.code !== undefined || error.name === 'TypeError'));
    });

    expect(await (await post('no gzip at all')).text()).toBe('true');
  });

  test('destroys the transform when the client goes away, and who reads gets a 400', async () => {
    let failure: Promise<unknown> | undefined;
    let isRead = () => {};
    const read = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    const transform = new PassThrough();
    const closed = new Promise((resolve) => transform.once('close', resolve));
    server = await host.start(async (req) => {
      req.pipeBodyThrough(transform);
      failure = readAll(req.bodyReader).catch((error) => error);
      isRead();
    });
    const client = await RawClient.connect(server.port);
    await client.send(`${postHead(10)}half`);
    await read;

    client.reset();

    await closed;
    expect(await failure).toMatchObject({ status: 400, type: 'request.aborted' });
  });

  test('destroys what it reads when the transform is destroyed', async () => {
    server = await host.start(async (req, res) => {
      req.pipeBodyThrough(new Transform({ transform: (_c, _e, callback) => callback(new Error('transform')) }));
      const error = await readAll(req.bodyReader).catch((failure) => failure);
      res.end(error.message);
    });

    expect(await (await post('hello')).text()).toBe('transform');
  });
});

describe.each(hosts)('req.signal on $name', (host) => {
  test('is aborted when the client goes away with bytes of a response under way that was ended', async () => {
    let tell: (value: unknown) => void = () => {};
    const aborted = new Promise((resolve) => {
      tell = resolve;
    });
    let cutOff = () => {};
    server = await host.start((req, res) => {
      const { signal } = req;
      res.on('close', () => tell(signal.aborted));
      res.write(Buffer.alloc(50_000_000));
      res.end('last');
      setImmediate(() => cutOff());
    });
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    cutOff = () => client.reset();

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');

    expect(await aborted).toBe(true);
  });

  test('is aborted when the client goes away before the response is finished', async () => {
    let signal: AbortSignal | undefined;
    let aborted: Promise<unknown> | undefined;
    let isThere = () => {};
    const there = new Promise<void>((resolve) => {
      isThere = resolve;
    });
    server = await host.start((req, res) => {
      signal = req.signal;
      aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve));
      res.write('half');
      isThere();
    });
    const client = await RawClient.connect(server.port);
    await client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await there;

    client.reset();

    await aborted;
    expect(signal?.reason).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  });

  test('is the same object, and not aborted by a response that finished', async () => {
    let signal: AbortSignal | undefined;
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    server = await host.start((req, res) => {
      signal = req.signal;
      res.once('close', () => setImmediate(isOver));
      res.end(String(signal === req.signal));
    });

    expect(await (await fetch(server.url)).text()).toBe('true');
    await over;
    expect(signal?.aborted).toBe(false);
  });
});

describe.each(hosts)('enableBuffering() and rewindBody() on $name', (host) => {
  const readTwice: TestHandler = async (req, res) => {
    const first = await text(req.body);
    req.rewindBody();
    const second = await readAll(req.bodyReader);
    req.rewindBody();
    res.end(`${first}|${second}|${await text(req)}`);
  };

  test.each([
    ['memory', undefined],
    ['a file', { thresholdBytes: 4 }],
  ])('reads a body again from %s', async (_where, options) => {
    server = await host.start((req, res, next) => {
      req.enableBuffering(options);
      return readTwice(req, res, next);
    });

    expect(await (await post('hello')).text()).toBe('hello|hello|hello');
  });

  test('goes on behind what was recorded when only a part was read', async () => {
    server = await host.start(async (req, res) => {
      req.enableBuffering();
      const { buffer } = await req.bodyReader.readAtLeast(5);
      req.bodyReader.advanceTo(buffer.getPosition(5));
      req.rewindBody();
      res.end(await readAll(req.bodyReader));
    });
    const client = await RawClient.connect(server.port);
    await client.send(`${postHead(10)}hello`);
    await new Promise(setImmediate);

    await client.send('world');

    expect(await client.responses(1)).toEqual(['helloworld']);
  });

  test('undoes later swaps and forgets a parsed value', async () => {
    server = await host.start(
      (req, _res, next) => {
        req.enableBuffering();
        req.body = req.body.pipe(createGunzip());
        next();
      },
      async (req, res) => {
        await readAll(req.bodyReader);
        req.body = { parsed: true };
        req.rewindBody();
        res.end(await readAll(req.pipeBodyThrough(createGunzip()) && req.bodyReader));
      },
    );

    expect(await (await post(gzipSync('hello'))).text()).toBe('hello');
  });

  test('keeps more than the threshold in a file that only its owner can read, until the response is over', async () => {
    let mode = 0;
    let isOver = () => {};
    const over = new Promise<void>((resolve) => {
      isOver = resolve;
    });
    server = await host.start(async (req, res) => {
      req.enableBuffering({ thresholdBytes: 1_024 });
      await readAll(req.bodyReader);
      const [name] = tempFiles();
      mode = statSync(join(tmpdir(), name as string)).mode & 0o777;
      req.rewindBody();
      res.once('close', () => isOver());
      res.end(String((await readAll(req.bodyReader)).length));
    });

    expect(await (await post('x'.repeat(100_000))).text()).toBe('100000');

    await over;
    while (tempFiles().length > 0) await new Promise(setImmediate);
    expect(mode).toBe(0o600);
  });

  test('refuses more than its limit with a 413', async () => {
    server = await host.start(async (req, res) => {
      req.enableBuffering({ limit: 4 });
      const error = await readAll(req.bodyReader).catch((failure) => failure);
      res.end(JSON.stringify([error.status, error.type, error.limit]));
    });

    expect(await (await post('hello')).json()).toEqual([413, 'entity.too.large', 4]);
  });

  test('rewindBody() without enableBuffering() is an error', async () => {
    server = await host.start((req, res) => {
      try {
        req.rewindBody();
      } catch (error) {
        res.end((error as { code: string }).code);
      }
    });

    expect(await (await post('hello')).text()).toBe('ERR_PIPE_NOT_BUFFERED');
  });
});

describe.each(hosts)('AsyncLocalStorage on $name', (host) => {
  const storage = new AsyncLocalStorage<string>();
  const inContext: TestHandler = (req, _res, next) => storage.run(req.headers['x-name'] as string, () => next());

  test.each<[string, TestHandler[]]>([
    ['json()', [json() as TestHandler, (_req, res) => res.end(storage.getStore())]],
    [
      'bodyReader and bodyWriter',
      [
        async (req, res) => {
          await readAll(req.bodyReader);
          await res.bodyWriter.write(storage.getStore() ?? '');
          await res.completeAsync();
        },
      ],
    ],
    [
      'a starting callback',
      [(_req, res) => res.onStarting(() => res.setHeader('X', '')) ?? res.end(storage.getStore())],
    ],
    [
      'a swapped body',
      [
        async (req, res) => {
          req.bodyReader = PipeReader.from(req.body);
          await text(req.body);
          res.end(storage.getStore());
        },
      ],
    ],
  ])('is kept over %s', async (_name, handlers) => {
    server = await host.start(inContext, ...handlers);

    const names = ['a', 'b', 'c', 'd'];
    const answers = await Promise.all(
      names.map(async (name) => {
        const headers = { 'X-Name': name, 'Content-Type': 'application/json' };
        return (await post('{"a":1}', headers)).text();
      }),
    );

    expect(answers).toEqual(names);
  });
});

test.each([undefined, null, {}, new PassThrough()])('bodyReader takes no %p, and the body stays', async (value) => {
  server = await (hosts[0] as (typeof hosts)[0]).start(async (req, res) => {
    expect(() => {
      req.bodyReader = value as never;
    }).toThrow(TypeError);
    res.end(await readAll(req.bodyReader));
  });

  expect(await (await post('abc')).text()).toBe('abc');
});
