import { text } from 'node:stream/consumers';
import { createGunzip, gzipSync } from 'node:zlib';
import { json, PipeReader, pipeBody, type ReadResult, type SequencePosition, type WaitOptions } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';
import { readAll } from '../support/read-all';

let server: RunningServer;
afterEach(() => server.close());

const post = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
  fetch(server.url, { method: 'POST', body: body as never, headers, duplex: 'half' } as never);

/** A reader of somebody else's: nothing but the five members. */
class OwnReader extends PipeReader {
  readonly #inner: PipeReader;

  constructor(inner: PipeReader) {
    super();
    this.#inner = inner;
  }
  read(options?: WaitOptions): Promise<ReadResult> {
    return this.#inner.read(options);
  }
  tryRead(): ReadResult | undefined {
    return this.#inner.tryRead();
  }
  advanceTo(consumed: SequencePosition, examined?: SequencePosition): void {
    this.#inner.advanceTo(consumed, examined);
  }
  cancelPendingRead(): void {
    this.#inner.cancelPendingRead();
  }
  complete(error?: unknown): Promise<void> {
    return this.#inner.complete(error);
  }
}

describe.each(hosts)('on $name', (host) => {
  test.each<[string, (req: Parameters<TestHandler>[0]) => Promise<unknown>]>([
    ['bodyReader', (req) => readAll(req.bodyReader).then(String)],
    ['body', (req) => text(req.body)],
    ['the request', (req) => text(req)],
    [
      'the request, after a listener that was taken off,',
      async (req) => {
        const ignore = () => {};
        req.on('data', ignore);
        req.off('data', ignore).pause();
        return text(req);
      },
    ],
  ])('a reader of somebody else, as the body, is read by %s', async (_name, read) => {
    server = await host.start(async (req, res) => {
      req.bodyReader = new OwnReader(PipeReader.from(Buffer.from('another body')));
      res.end(await read(req));
    });

    expect(await (await post('hello')).text()).toBe('another body');
  });

  test('a reader whose reads give nothing at first, as the body, is read by the request', async () => {
    class SlowReader extends OwnReader {
      #isAwake = false;
      override tryRead(): ReadResult | undefined {
        return this.#isAwake ? super.tryRead() : undefined;
      }
      override async read(): Promise<ReadResult> {
        if (this.#isAwake) return super.read();
        this.#isAwake = true;
        const { buffer } = await super.read();
        return { buffer: buffer.slice(0, 0), isCompleted: false, isCanceled: false };
      }
    }
    server = await host.start(async (req, res) => {
      req.bodyReader = new SlowReader(PipeReader.from(Buffer.from('late')));
      const chunks: unknown[] = [];
      req.on('data', (chunk) => chunks.push(String(chunk))).on('end', () => res.end(chunks.join()));
    });

    expect(await (await post('hello')).text()).toBe('late');
  });

  test('a read that is never answered does not keep the connection from the next request', async () => {
    server = await host.start(async (req, res) => {
      if (req.method === 'POST') await req.bodyReader.read();
      res.end(req.method);
    });
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(500_000)}x`);
    await client.responses(1);
    await client.send('x'.repeat(499_999));
    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');

    expect(await client.responses(2)).toEqual(['POST', 'GET']);
    client.socket.destroy();
  });

  test('an aborted body that announces no length is a 400 that says how much has come', async () => {
    let whenFailed: ((error: unknown) => void) | undefined;
    const failed = new Promise((resolve) => {
      whenFailed = resolve;
    });
    server = await host.start((req) => void readAll(req.bodyReader).catch((error) => whenFailed?.(error)));
    const client = await RawClient.connect(server.port);
    await client.send('POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');

    client.socket.destroy();

    expect(await failed).toMatchObject({ status: 400, type: 'request.aborted', expected: undefined });
  });

  test('enableBuffering() after the response keeps nothing', async () => {
    let whenDone: ((outcome: unknown) => void) | undefined;
    const done = new Promise((resolve) => {
      whenDone = resolve;
    });
    server = await host.start((req, res) => {
      res.once('close', () => {
        req.enableBuffering({ thresholdBytes: 0 });
        readAll(req.bodyReader).then(whenDone, whenDone);
      });
      res.end();
    });

    await (await post('hello')).text();

    expect(await done).toMatchObject({ status: 500, type: 'request.discarded' });
  });

  test('a reader of somebody else, as the body, is read by a parser', async () => {
    server = await host.start(
      (req, _res, next) => {
        req.bodyReader = new OwnReader(req.bodyReader);
        next();
      },
      json() as TestHandler,
      (req, res) => res.end(JSON.stringify(req.body)),
    );

    const response = await post('{"a":1}', { 'Content-Type': 'application/json' });

    expect(await response.json()).toEqual({ a: 1 });
  });

  test('listeners that listen once keep the raw bytes when another body is swapped in', async () => {
    const sent = gzipSync('hello');
    server = await host.start((req, res) => {
      const heard: string[] = [];
      req.once('end', () => res.end(heard.join()));
      req.once('data', (chunk) => heard.push(chunk.toString('base64')));
      req.body = createGunzip();
    });

    expect(await (await post(sent)).text()).toBe(sent.toString('base64'));
  });

  test.each([undefined, 'utf8'] as const)(
    'what a paused listener of the request left, with the encoding %p, is read by bodyReader',
    async (encoding) => {
      server = await host.start(async (req, res) => {
        const heard: string[] = [];
        if (encoding !== undefined) req.setEncoding(encoding);
        req.on('data', (chunk) => heard.push(String(chunk)));
        req.pause();
        while (!req.complete) await new Promise(setImmediate);
        const rest = String(await readAll(req.bodyReader));
        res.end(JSON.stringify([heard, rest]));
      });

      expect(await (await post('héllo')).json()).toEqual([[], 'héllo']);
    },
  );

  test('a listener of the request gets all of it, also beside a reader that does not keep up', async () => {
    const length = 1_000_000;
    server = await host.start((req, res) => {
      let heard = 0;
      req.on('data', (chunk) => {
        heard += chunk.length;
        req.bodyReader;
      });
      req.on('end', () => res.end(String(heard)));
    });

    expect(await (await post('x'.repeat(length))).text()).toBe(String(length));
  });

  test('readable can be set, as in Node', async () => {
    server = await host.start(async (req, res) => {
      const before = req.readable;
      (req as { readable: boolean }).readable = false;
      const after = req.readable;
      res.end(JSON.stringify([before, after]));
    });

    expect(await (await post('hello')).json()).toEqual([true, false]);
  });

  test('a body that is too large cuts the connection of who reads the request itself and hears no errors', async () => {
    const limited = pipeBody({ maxRequestBodySize: 10 }) as TestHandler;
    server = await host.start(limited, (req) => void req.on('data', () => {}));
    const body = new Blob(['x'.repeat(100_000)]).stream();

    await expect(post(body).then((response) => response.text())).rejects.toThrow();
  });
});
