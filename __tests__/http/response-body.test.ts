import { once } from 'node:events';
import { PassThrough, pipeline, Readable, Transform, Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type PipeResponse, PipeWriter } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';

let server: RunningServer;
afterEach(() => server.close());

/** Turns letters into capitals and says when it was flushed. */
const upperCase = () =>
  new Transform({
    transform: (chunk, _encoding, callback) => callback(null, String(chunk).toUpperCase()),
    flush: (callback) => callback(null, '!'),
  });

const gzipPipedInto =
  (destination: 'res' | 'res.body', order: 'before' | 'after'): TestHandler =>
  (_req, res, next) => {
    const gzip = createGzip();
    res.setHeader('Content-Encoding', 'gzip');
    const pipeIt = () => gzip.pipe(destination === 'res' ? res : res.body);
    if (order === 'before') pipeIt();
    res.body = gzip;
    if (order === 'after') pipeIt();
    next();
  };

const get = async (headers: Record<string, string> = {}) => {
  const response = await fetch(server.url, { headers });
  return { response, text: await response.text() };
};

describe.each(hosts)('the response body on $name', (host) => {
  test('bodyWriter writes what was put into its memory', async () => {
    server = await host.start(async (_req, res) => {
      const memory = res.bodyWriter.getMemory(5);
      res.bodyWriter.advance(memory.write('hello'));
      await res.bodyWriter.flush();
      res.end();
    });

    expect((await get()).text).toBe('hello');
  });

  test('body is a Writable that is not the response, and ends it', async () => {
    server = await host.start((_req, res) => {
      res.setHeader('X-Is', String([res.body instanceof Writable, (res.body as unknown) === res]));
      res.body.write('hel');
      res.body.end('lo');
    });

    const { response, text } = await get();

    expect(response.headers.get('X-Is')).toBe('true,false');
    expect(text).toBe('hello');
  });

  test('bytes leave in the order of the calls, whichever way they came', async () => {
    server = await host.start(async (_req, res) => {
      const writeMemory = (writer: PipeWriter, text: string) => writer.advance(writer.getMemory(8).write(text));
      writeMemory(res.bodyWriter, '1');
      res.write('2');
      writeMemory(res.bodyWriter, '3');
      await new Promise((resolve) => res.body.write('4', resolve));
      writeMemory(res.bodyWriter, '5');
      await res.bodyWriter.flush();
      writeMemory(res.bodyWriter, '6');
      res.end('7');
    });

    expect((await get()).text).toBe('1234567');
  });

  test('bytes written to body within one tick leave in the order of the calls, and its end is behind them', async () => {
    const told: string[] = [];
    server = await host.start((_req, res) => {
      res.body.write('1', () => told.push('1'));
      res.write('2');
      res.body.write('3', () => told.push('3'));
      void res.bodyWriter.write('4');
      res.body.cork();
      res.body.write('5');
      res.write('6');
      res.body.uncork();
      res.body.end('7');
    });

    expect((await get()).text).toBe('1234567');
    expect(told).toEqual(['1', '3']);
  });

  test('body waits for a slow client, as the response does, and says so', async () => {
    const seen: unknown[] = [];
    server = await host.start(async (_req, res) => {
      const { body } = res;
      const wantsMore = body.write(Buffer.alloc(20_000_000));
      seen.push(wantsMore, body.writableNeedDrain, body.writableLength >= 16_384, body.writableHighWaterMark);
      await once(body, 'drain');
      seen.push(body.writableNeedDrain, res.writableHighWaterMark);
      body.end();
    });

    expect((await (await fetch(server.url)).arrayBuffer()).byteLength).toBe(20_000_000);
    expect(seen).toEqual([false, true, true, seen[5], false, seen[3]]);
  });

  test('a write to body after res.end() is refused and the response stays whole', async () => {
    let refused: { code?: string } | null | undefined;
    server = await host.start((_req, res) => {
      const { body } = res;
      res.end('hello');
      body.write('more', (error) => {
        refused = error as { code?: string };
      });
    });

    expect((await get()).text).toBe('hello');
    expect(refused?.code).toBe('ERR_STREAM_WRITE_AFTER_END');
  });

  test('res.end() commits what is not flushed', async () => {
    server = await host.start((_req, res) => {
      res.bodyWriter.advance(res.bodyWriter.getMemory(8).write('unflushed'.slice(0, 8)));
      res.end();
    });

    expect((await get()).text).toBe('unflushe');
  });

  test('complete() of bodyWriter ends the response', async () => {
    server = await host.start(async (_req, res) => {
      await res.bodyWriter.write('hello');
      await res.bodyWriter.complete();
    });

    expect((await get()).text).toBe('hello');
  });

  test.each([
    ['gzip.pipe(res.body) before the swap', 'res.body', 'before'],
    ['gzip.pipe(res) before the swap', 'res', 'before'],
    ['gzip.pipe(res) after the swap', 'res', 'after'],
  ] as const)('a swap by a stream, %s, encodes what res.write and res.end send', async (_name, destination, order) => {
    server = await host.start(gzipPipedInto(destination, order), (_req, res) => {
      res.write('hel');
      res.end('lo');
    });

    expect((await get()).text).toBe('hello');
  });

  test('a swap encodes what bodyWriter writes', async () => {
    server = await host.start(gzipPipedInto('res.body', 'before'), async (_req, res) => {
      await res.bodyWriter.write('hello');
      await res.bodyWriter.complete();
    });

    expect((await get()).text).toBe('hello');
  });

  test('a swap drops the Content-Length of the bytes before it', async () => {
    server = await host.start(gzipPipedInto('res.body', 'before'), (_req, res) => {
      res.writeHead(200, { 'content-length': '5', 'X-Other': 'kept' });
      res.end('hello');
    });

    const { response, text } = await get();

    expect(text).toBe('hello');
    expect(response.headers.get('Content-Length')).toBeNull();
    expect(response.headers.get('X-Other')).toBe('kept');
  });

  test('two swaps are stacked: the last one is written to first', async () => {
    server = await host.start(
      gzipPipedInto('res.body', 'before'),
      (_req, res, next) => {
        const upper = upperCase();
        upper.pipe(res.body);
        res.body = upper;
        next();
      },
      (_req, res) => {
        res.end('hello');
      },
    );

    expect((await get()).text).toBe('HELLO!');
  });

  test('what bodyWriter had not flushed at a swap goes to the body it was written to', async () => {
    server = await host.start((_req, res) => {
      res.bodyWriter.advance(res.bodyWriter.getMemory(8).write('plain '));
      const upper = upperCase();
      upper.pipe(res.body);
      res.body = upper;
      res.end('upper');
    });

    expect((await get()).text).toBe('plain UPPER!');
  });

  test('what the writer of a swapped body had not flushed at the next swap goes to the body it was written to', async () => {
    server = await host.start((_req, res) => {
      const first = upperCase();
      first.pipe(res.body);
      res.body = first;
      res.bodyWriter.advance(res.bodyWriter.getMemory(8).write('first '));
      const second = new PassThrough();
      second.pipe(res.body);
      res.body = second;
      res.end('second');
    });

    expect((await get()).text).toBe('FIRST SECOND!');
  });

  test('a swap drops a Content-Length that was set before', async () => {
    server = await host.start(gzipPipedInto('res.body', 'before'), (_req, res) => {
      res.setHeader('Content-Length', 5);
      res.end('hello');
    });

    const { response, text } = await get();

    expect([response.headers.get('Content-Length'), text]).toEqual([null, 'hello']);
  });

  test('a stream piped into the response goes through the swapped body', async () => {
    server = await host.start(gzipPipedInto('res', 'before'), (_req, res) => {
      pipeline(Readable.from(['hel', 'lo']), res, () => {});
    });

    expect((await get()).text).toBe('hello');
  });

  test.each(['before', 'after'])(
    'a chain of transforms piped into the response %s the swap never loops',
    async (order) => {
      server = await host.start((_req, res) => {
        const first = new PassThrough();
        const last = first.pipe(upperCase());
        if (order === 'before') last.pipe(res);
        res.body = first;
        if (order === 'after') last.pipe(res);
        res.end('hello');
      });

      expect((await get()).text).toBe('HELLO!');
    },
  );

  test('what was piped into the response before a swap goes into the body that was current then', async () => {
    server = await host.start((_req, res) => {
      Readable.from([Buffer.from('plain')], { objectMode: false }).pipe(res);
      const upper = upperCase();
      upper.pipe(res.body);
      res.body = upper;
    });

    expect((await get()).text).toBe('plain');
  });

  test('a slow client holds back whoever writes to a swapped body', async () => {
    const blocks = 200;
    let written = 0;
    server = await host.start(async (_req, res) => {
      const through = new PassThrough();
      through.pipe(res.body);
      res.body = through;
      for (; written < blocks; written += 1) {
        if (!res.write(Buffer.alloc(100_000))) await once(res, 'drain');
      }
      res.end();
    });
    const client = await RawClient.connect(server.port);
    client.socket.pause();

    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    await idle();
    const heldBackAt = written;
    client.socket.resume();

    expect((await client.closed()).length).toBeGreaterThan(blocks * 100_000);
    expect(heldBackAt).toBeLessThan(blocks);
  });

  test('a write after the end of a swapped body is refused and the response stays whole', async () => {
    let refused: { code?: string } | undefined;
    server = await host.start(gzipPipedInto('res.body', 'before'), (_req, res) => {
      res.on('error', () => {});
      res.end('hello');
      res.write('more', (error) => {
        refused = error as { code?: string };
      });
      res.end();
    });

    expect((await get()).text).toBe('hello');
    expect(refused?.code).toBe('ERR_STREAM_WRITE_AFTER_END');
  });

  test('write callbacks run and finish comes after the last byte of the transform', async () => {
    const events: string[] = [];
    server = await host.start(gzipPipedInto('res', 'before'), (_req, res) => {
      res.on('finish', () => events.push('finish'));
      res.write('hel', () => events.push('written'));
      res.end('lo', () => events.push('ended'));
    });

    expect((await get()).text).toBe('hello');
    expect(events).toEqual(expect.arrayContaining(['written', 'ended', 'finish']));
  });

  test('headers count as sent after the first write to a swapped body', async () => {
    server = await host.start(gzipPipedInto('res', 'before'), (_req, res) => {
      const before = res.headersSent;
      res.write('x');
      res.end(String([before, res.headersSent]));
    });

    expect((await get()).text).toBe('xfalse,true');
  });

  test('any other value given to res.body is kept and changes nothing that is sent', async () => {
    server = await host.start((_req, res) => {
      const value = { a: 1 } as never;
      res.body = value;
      res.end(String(res.body === value));
    });

    expect((await get()).text).toBe('true');
  });

  test('a transform that fails cuts the connection: the response never looks whole', async () => {
    server = await host.start((_req, res) => {
      const failing = new Transform({ transform: (_chunk, _encoding, callback) => callback(new Error('broken')) });
      failing.pipe(res.body);
      res.body = failing;
      res.write('hello');
    });

    await expect(get()).rejects.toMatchObject({ message: expect.any(String) });
  });

  test('a client that goes away: flushes do not throw and say that nobody reads', async () => {
    let tell: (value: unknown) => void = () => {};
    const result = new Promise((resolve) => {
      tell = resolve;
    });
    server = await host.start(async (_req, res) => {
      await res.bodyWriter.write('first');
      await once(res, 'close');
      tell(await res.bodyWriter.write('second'));
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.until((text) => text.includes('first'));
    client.reset();

    expect(await result).toEqual({ isCanceled: false, isCompleted: true });
  });

  test('bytes leave in the order of the calls through a web WritableStream, too', async () => {
    server = await host.start(async (_req, res) => {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      Readable.fromWeb(readable as never).pipe(res.body);
      res.body = writable as never;
      res.write('1');
      await res.bodyWriter.write('2');
      res.body.write('3');
      res.bodyWriter.advance(res.bodyWriter.getMemory(1).write('4'));
      res.end('5');
    });

    expect((await get()).text).toBe('12345');
  });

  test('what bodyWriter of a swapped body holds goes before what is written to body next, and before its end', async () => {
    server = await host.start((_req, res) => {
      const hold = (text: string) => res.bodyWriter.advance(res.bodyWriter.getMemory(1).write(text));
      res.pipeBodyThrough(new PassThrough());
      hold('1');
      res.body.write('2');
      hold('3');
      res.body.end();
    });

    expect((await get()).text).toBe('123');
  });

  test.each<[string, (res: PipeResponse) => void]>([
    ['a web WritableStream', (res) => Object.assign(res, { body: new WritableStream() })],
    ['a writer', (res) => Object.assign(res, { bodyWriter: PipeWriter.from(new PassThrough()) })],
  ])('writes after the client went away do not throw where %s was swapped in', async (_name, swap) => {
    let tell: (value: unknown) => void = () => {};
    const result = new Promise((resolve) => {
      tell = resolve;
    });
    server = await host.start(async (_req, res) => {
      await res.writeAsync('first');
      swap(res);
      await once(res, 'close');
      await res.writeAsync('second').then(tell, tell);
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.until((text) => text.includes('first'));
    client.reset();

    expect(await result).toEqual({ isCanceled: false, isCompleted: true });
  });

  test('a client that goes away destroys the streams that were swapped in', async () => {
    let tell: (value: unknown) => void = () => {};
    const closed = new Promise((resolve) => {
      tell = resolve;
    });
    server = await host.start((_req, res) => {
      const through = new PassThrough();
      through.once('close', () => tell('closed'));
      through.pipe(res.body);
      res.body = through;
      res.write('first');
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.until((text) => text.includes('first'));
    client.reset();

    expect(await closed).toBe('closed');
  });

  test('a slow client holds the writer back', async () => {
    const total = 30_000_000;
    let flushed = 0;
    server = await host.start(async (_req, res) => {
      const block = Buffer.alloc(1_000_000);
      for (; flushed < total; flushed += block.length) await res.bodyWriter.write(block);
      res.end();
    });
    const client = await RawClient.connect(server.port);
    client.socket.pause();

    await client.send('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
    await idle();
    const heldBackAt = flushed;
    client.socket.resume();

    expect((await client.closed()).length).toBeGreaterThan(total);
    expect(heldBackAt).toBeLessThan(total);
  });
});

/** Many turns of the event loop: long enough for everything that can go on to have gone on. */
async function idle(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn += 1) await new Promise(setImmediate);
}
