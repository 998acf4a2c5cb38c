import { PassThrough, Readable } from 'node:stream';
import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

test.each([[undefined], [null], [{}], ['gzip'], [new Readable()], [{ readable: new ReadableStream() }]])(
  'pipeBodyThrough(%p) is a TypeError that says what it takes, and changes no body',
  async (transform) => {
    const failures: string[] = [];
    server = await (hosts[0] as (typeof hosts)[0]).start((req, res) => {
      for (const message of [req, res]) {
        try {
          message.pipeBodyThrough(transform as never);
        } catch (error) {
          failures.push(`${(error as Error).name}: ${(error as Error).message}`);
        }
      }
      req.pipe(res);
    });

    const response = await fetch(server.url, { method: 'POST', body: 'hello' });

    expect(await response.text()).toBe('hello');
    expect(failures).toEqual(
      Array(2).fill(
        'TypeError: pipeBodyThrough() takes a Duplex that can be read and written, or a pair of streams { readable, writable }.',
      ),
    );
  },
);

describe.each(hosts)('on $name', (host) => {
  test('what is the body already changes nothing when it is assigned', async () => {
    server = await host.start((req, res) => {
      const { body, bodyWriter } = res;
      Object.assign(req, { body: req }, { body: req.body });
      Object.assign(res, { body: res }, { body }, { bodyWriter });
      (req.body as Readable).pipe(res.body);
    });

    expect(await (await fetch(server.url, { method: 'POST', body: 'hello' })).text()).toBe('hello');
  });

  test('a stream that reaches another one by two ways may become the body', async () => {
    server = await host.start((_req, res) => {
      const [one, left, right, end] = [1, 2, 3, 4].map(() => new PassThrough()) as [PassThrough, ...PassThrough[]];
      one.pipe(left as PassThrough).pipe(end as PassThrough);
      one.pipe(right as PassThrough).pipe(end as PassThrough);
      const { body } = res;
      res.body = one;
      Readable.from(['ab']).pipe(res);
      end?.pipe(body);
    });

    expect(await (await fetch(server.url)).text()).toBe('abab');
  });

  test('flush() goes past transforms that have no flush', async () => {
    server = await host.start(async (_req, res) => {
      res.pipeBodyThrough(new PassThrough());
      res.write('hel');
      res.flush();
      setImmediate(() => res.end('lo'));
    });

    expect(await (await fetch(server.url)).text()).toBe('hello');
  });
});
