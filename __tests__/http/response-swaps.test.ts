import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { Duplex, PassThrough, Readable, Transform, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { hosts, type RunningServer } from '../support/hosts';
import { RawClient } from '../support/raw-client';

interface Row {
  readonly bodies: string[];
  readonly warnings: string[];
  readonly keepsListeners: boolean;
}

let server: RunningServer;
afterEach(() => server.close());

const upperCase = () =>
  new Transform({ transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()) });

const get = async () => (await fetch(server.url)).text();

describe.each(hosts)('a swapped response body on $name', (host) => {
  test('pipe(res, { end: false }) before a swap leaves the body open at the end of its source', async () => {
    server = await host.start((_req, res) => {
      const source = new PassThrough();
      source.pipe(res, { end: false });
      const upper = upperCase();
      upper.pipe(res.body);
      res.body = upper;
      source.once('end', () => setImmediate(() => res.end('end')));
      source.end('source ');
    });

    expect(await get()).toBe('source END');
  });

  test('a source that ends the response it was piped into ends it after a swap, too', async () => {
    server = await host.start((_req, res) => {
      const source = new PassThrough();
      source.pipe(res);
      const upper = upperCase();
      upper.pipe(res.body);
      res.body = upper;
      source.end('source');
    });

    expect(await get()).toBe('source');
  });

  test('the output of a body ends the response also where it was piped into it with { end: false }', async () => {
    server = await host.start((_req, res) => {
      const upper = upperCase();
      upper.pipe(res, { end: false });
      res.body = upper;
      res.end('hello');
    });

    expect(await get()).toBe('HELLO');
  });

  test('what a starting callback pipes into the response is the output of what it swaps in, though nothing shows it', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => {
        const { readable, writable } = new TransformStream<Uint8Array>();
        Readable.fromWeb(readable as never)
          .pipe(upperCase())
          .pipe(res);
        res.body = writable as never;
      });
      res.end('hello');
    });

    expect(await get()).toBe('HELLO');
  });

  test('what a starting callback keeps of the body beneath says when more is wanted', async () => {
    server = await host.start(async (_req, res) => {
      let beneath: Writable | undefined;
      res.onStarting(() => {
        beneath = res.body;
      });
      res.write('hello ');
      if (beneath?.write(Buffer.alloc(10_000_000, 'x')) === false) await once(beneath, 'drain');
      res.end('end');
    });

    expect((await get()).length).toBe(10_000_009);
  });

  test('a client that goes away closes what comes out of a web stream, which ends no process', async () => {
    let tell: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => {
      tell = resolve;
    });
    server = await host.start((_req, res) => {
      const { readable, writable } = new TransformStream<Uint8Array>();
      // Nobody listens to its errors, as nobody does with pipe() on Node's own responses.
      Readable.fromWeb(readable as never)
        .once('close', () => tell('closed'))
        .pipe(res.body);
      res.body = writable as never;
      res.write('first');
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.until((text) => text.includes('first'));
    client.reset();

    expect(await closed).toBe('closed');
  });

  test.each<[string, unknown]>([
    ['a stream that is only written', new Writable()],
    ['a stream that is only read', new Readable()],
    ['a Duplex without a side to read', new Duplex({ readable: false } as object)],
    ['a Duplex without a side to write', new Duplex({ writable: false } as object)],
    ['a pair with one side missing', { readable: new ReadableStream() }],
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['a text', 'gzip'],
  ])('pipeBodyThrough() refuses %s, on both sides, and changes nothing', async (_name, value) => {
    const refused: unknown[] = [];
    server = await host.start((req, res) => {
      for (const message of [req, res]) {
        try {
          message.pipeBodyThrough(value as never);
        } catch (error) {
          refused.push(error);
        }
      }
      req.pipe(res);
    });

    expect(await (await fetch(server.url, { method: 'POST', body: 'hello' })).text()).toBe('hello');
    const expected = { name: 'TypeError', message: expect.stringContaining('pipeBodyThrough() takes a Duplex') };
    expect(refused).toMatchObject([expected, expected]);
  });

  test('pipeBodyThrough() takes a pair of Node streams, too', async () => {
    server = await host.start((_req, res) => {
      const writable = new PassThrough();
      const readable = writable.pipe(upperCase());
      res.pipeBodyThrough({ readable, writable });
      res.end('hello');
    });

    expect(await get()).toBe('HELLO');
  });

  test('a value kept in res.body stays there when a starting callback swaps, and the bytes go through the swap', async () => {
    const value = { kept: true };
    const seen: unknown[] = [];
    server = await host.start((_req, res) => {
      res.onStarting(() => {
        const upper = upperCase();
        upper.pipe(res.body);
        res.body = upper;
      });
      res.body = value as never;
      res.write('hello');
      seen.push(res.body);
      res.end();
    });

    expect(await get()).toBe('HELLO');
    expect(seen).toEqual([value]);
  });
});

describe('bodies swapped twelve deep', () => {
  test('bring no warning, leave no listener on the socket, and every byte comes', async () => {
    const program = join(__dirname, '../support/deep-swaps-program.ts');
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', 'esbuild-register', program], {
      cwd: resolve(__dirname, '../..'),
    });
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

    const isGood = ({ bodies, warnings, keepsListeners }: Row) =>
      ['12hello', 'encoded'].includes(bodies.join()) && warnings.length === 0 && !keepsListeners;
    expect(rows.filter((row) => !isGood(row))).toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(hosts.length);
  }, 120_000);
});
