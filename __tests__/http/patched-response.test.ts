import { compress, type PipeResponse } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const get = async () => (await fetch(server.url)).text();

/** Middleware that never heard of us: puts methods of its own on the response, which write in capitals. */
function capitals(flushed: string[]): TestHandler {
  return (_req, res, next) => {
    const { write, end } = res;
    const upper = (chunk: unknown) => (chunk === undefined ? chunk : String(chunk).toUpperCase());
    Object.assign(res, {
      write: (chunk: unknown) => write.call(res, upper(chunk) as string, 'utf8'),
      end: (chunk: unknown) => end.call(res, upper(chunk) as string, 'utf8'),
      flush: () => flushed.push('flush'),
    });
    next();
  };
}

describe.each(hosts)('above methods that others put on a response, on $name', (host) => {
  test.each<[string, (res: PipeResponse, callback: () => void) => unknown]>([
    ['write(chunk, callback)', (res, callback) => res.write('hello', callback)],
    ['write(chunk, encoding, callback)', (res, callback) => res.write('hello', 'utf8', callback)],
    ['end(chunk, callback)', (res, callback) => res.end('hello', callback)],
    ['end(callback)', (res, callback) => [res.write('hello'), res.end(callback)]],
  ])('%s calls back, and goes through them', async (_name, act) => {
    let whenCalled: (() => void) | undefined;
    const called = new Promise<void>((resolve) => {
      whenCalled = resolve;
    });
    server = await host.start(capitals([]), (_req, res) => {
      res.bodyWriter; // From here on there is a body above the others' methods.
      act(res, () => whenCalled?.());
      if (!res.writableEnded) res.end();
    });

    expect(await get()).toBe('HELLO');
    await called;
  });

  test('flush() is theirs, too, behind what was written', async () => {
    const flushed: string[] = [];
    server = await host.start(capitals(flushed), (_req, res) => {
      res.bodyWriter.advance(res.bodyWriter.getMemory(5).write('hello'));
      res.flush();
      res.end();
    });

    expect([await get(), flushed]).toEqual(['HELLO', ['flush']]);
  });

  test('callbacks of writes that wait for the client run when it has read', async () => {
    const size = 4_000_000;
    let isCalled = false;
    server = await host.start(capitals([]), (_req, res) => {
      res.bodyWriter;
      res.write('x'.repeat(size), () => {
        isCalled = true;
        res.end();
      });
    });

    expect((await get()).length).toBe(size);
    expect(isCalled).toBe(true);
  });
});

test('what others write goes through compress() beneath them', async () => {
  server = await (hosts[0] as (typeof hosts)[0]).start(
    compress({ threshold: 0, encodings: ['gzip'] }) as TestHandler,
    capitals([]),
    (_req, res) => void res.setHeader('Content-Type', 'text/plain').end('hello'),
  );

  const response = await fetch(server.url, { headers: { 'Accept-Encoding': 'gzip' } });

  expect([await response.text(), response.headers.get('content-encoding')]).toEqual(['HELLO', 'gzip']);
});
