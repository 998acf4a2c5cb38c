import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import express5 from 'express';
import express4 from 'express4';
import type { PipeRequest, PipeResponse } from 'pipebody';
import { json, pipeBody } from 'pipebody';
import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

type Handler = (req: PipeRequest, res: PipeResponse) => unknown;

const apps: [string, typeof express5][] = [
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
];

const post = async () => {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip' },
    body: '{"a":1}',
  });
  return { response, text: await response.text() };
};

describe.each(hosts)('on $name, a request', (host) => {
  // Another copy of Express has prototypes that nothing here leads to.
  const ofSameCopy = apps.filter(([name]) => !host.name.startsWith('Express') || host.name.startsWith(name));

  describe.each(ofSameCopy)('that an application of %s takes over, called as a function', (_name, express) => {
    const takeOver = (...handlers: unknown[]): Handler => {
      const app = express();
      for (const handler of handlers) app.use(handler as never);
      return app as unknown as Handler;
    };
    const echo = (req: { body?: unknown }, res: { json(value: unknown): void }) => res.json(req.body);

    test('keeps the bytes that were held for it', async () => {
      const app = takeOver(express.json(), echo);
      server = await host.start(async (req, res) => {
        // By then the whole body has arrived.
        while (!req.complete) await nextTurn();
        return app(req, res);
      });

      expect((await post()).text).toBe('{"a":1}');
    });

    test('keeps what was put back after a look at it', async () => {
      const app = takeOver(express.json(), echo);
      server = await host.start(async (req, res) => {
        const { buffer } = await req.bodyReader.readAtLeast(3);
        req.bodyReader.advanceTo(buffer.start);
        return app(req, res);
      });

      expect((await post()).text).toBe('{"a":1}');
    });

    test('keeps the value that was parsed', async () => {
      const app = takeOver(echo);
      const parse = json();
      server = await host.start((req, res) => parse(req as never, res as never, () => app(req, res)));

      expect((await post()).text).toBe('{"a":1}');
    });

    test('may use pipeBody() of its own', async () => {
      const app = takeOver(pipeBody(), json(), echo);
      server = await host.start(async (req, res) => {
        while (!req.complete) await nextTurn();
        return app(req, res);
      });

      expect((await post()).text).toBe('{"a":1}');
    });

    test('is answered through what was swapped in, or is swapped in at the start', async () => {
      const app = takeOver(json(), echo);
      server = await host.start((req, res) => {
        res.onStarting(() => {
          res.setHeader('Content-Encoding', 'gzip');
          res.pipeBodyThrough(createGzip());
        });
        return app(req, res);
      });

      const { response, text } = await post();

      expect(response.headers.get('Content-Encoding')).toBe('gzip');
      expect(text).toBe('{"a":1}');
    });
  });
});

test('applications that never heard of pipebody find their requests as ever', async () => {
  const app = express5();
  const seen: unknown[] = [];
  app.use((req, res) => {
    const named = req as unknown as Record<string, unknown>;
    seen.push(req.body, named.bodyReader, (res as unknown as { flush?: unknown }).flush);
    req.body = 'mine';
    seen.push(req.body, Object.keys(req).includes('body'));
    res.end();
  });
  const running = app.listen(0);
  server = { close: () => running.close() } as never;

  await fetch(`http://127.0.0.1:${(running.address() as { port: number }).port}`);

  expect(seen).toEqual([undefined, undefined, undefined, 'mine', true]);
});
