import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { PipeResponse } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const failing: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('no start');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no start'))],
];

const cases = hosts.flatMap((host) => failing.map(([how, fail]) => [host.name, how, host, fail] as const));

describe.each(cases)('on %s, when a starting callback %s', (_host, _how, host, fail) => {
  test('everything that is written is refused with its error, and the response is a 500', async () => {
    const told: unknown[] = [];
    const tell = (error?: Error | null) => void told.push(error?.message);
    let whenAsked: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => {
      whenAsked = resolve;
    });
    server = await host.start(async (_req, res) => {
      res.onStarting(fail);
      await res.startAsync().catch(tell);
      told.push(res.write('a', tell), res.body.write('b', tell));
      res.end('c', tell);
      res.writeHead(200, { 'X-Late': 'yes' });
      res.flushHeaders();
      await res.writeAsync('d').catch(tell);
      await res.completeAsync().catch(tell);
      await new Promise(setImmediate);
      whenAsked?.();
    });

    const response = await fetch(server.url);
    await asked;

    expect([response.status, await response.text(), response.headers.get('x-late')]).toEqual([
      500,
      'Internal Server Error',
      null,
    ]);
    expect(told.filter((what) => typeof what === 'string')).toEqual(Array.from({ length: 6 }, () => 'no start'));
    expect(told.filter((what) => typeof what !== 'string')).toEqual([false, expect.any(Boolean)]);
  });

  test('the bodies that were swapped in are destroyed, and what waited in them is told', async () => {
    const swapped = new PassThrough();
    const closed = once(swapped, 'close');
    server = await host.start((_req, res) => {
      res.pipeBodyThrough(swapped);
      res.onStarting(fail);
      res.write('a');
      res.end('b');
    });

    expect((await fetch(server.url)).status).toBe(500);
    await closed;
  });
});

describe.each(hosts)('on $name', (host) => {
  test.each([undefined, null, 'text'])(
    'a starting callback that fails with %p makes the response a 500',
    async (error) => {
      server = await host.start((_req, res) => {
        res.onStarting(() => Promise.reject(error));
        res.end('a');
      });

      expect((await fetch(server.url)).status).toBe(500);
    },
  );

  test.each<[string, (res: PipeResponse) => Promise<unknown>]>([
    ['startAsync()', (res) => res.startAsync()],
    ['writeAsync()', (res) => res.writeAsync('a')],
    ['completeAsync()', (res) => res.completeAsync()],
  ])('%s in a starting callback is ERR_PIPE_RESPONSE_STARTING', async (_name, call) => {
    server = await host.start((_req, res) => {
      let code: string | undefined;
      res.onStarting(async () => {
        code = await call(res).then(
          () => 'settled',
          (error) => error.code,
        );
        res.setHeader('X-Code', String(code));
      });
      res.end();
    });

    expect((await fetch(server.url)).headers.get('x-code')).toBe('ERR_PIPE_RESPONSE_STARTING');
  });
});
