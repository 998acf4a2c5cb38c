import { readFileSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import compression from 'compression';
import session from 'express-session';
import { ask, askTwice, capitalRows, onExpress, type Row, responseRows, withPipeBody } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';

// compression puts its own write, end, on and flush on every response, whatever wrote it before.

let server: RunningServer;
afterEach(() => server.close());

const headers = { 'Accept-Encoding': 'gzip' };
const text = 'hello, hello, é! '.repeat(200);
const compress = compression({ threshold: 0, filter: () => true }) as never;

/** The ways of Node to answer. */
const nodeWays: Record<string, TestHandler> = {
  'res.end': (_req, res) => res.end(text),
  'res.write and res.end': (_req, res) => {
    for (let at = 0; at < text.length; at += 100) res.write(text.slice(at, at + 100));
    res.end();
  },
  'res.writeHead and res.end': (_req, res) => res.writeHead(200, { 'X-Head': 'written' }).end(text),
  'res.end with a Content-Length': (_req, res) => {
    res.setHeader('Content-Length', Buffer.byteLength(text));
    res.end(Buffer.from(text));
  },
  'res.write in Latin-1': (_req, res) => {
    res.write(Buffer.from(text).toString('latin1'), 'latin1');
    res.end();
  },
  'readable.pipe(res)': (_req, res) => void Readable.from([Buffer.from(text)]).pipe(res),
  'pipeline to res': (_req, res) => pipeline(Readable.from([Buffer.from(text)]), res, () => {}),
};

const answerBy = (ways: Record<string, TestHandler>): TestHandler => {
  const all = Object.values(ways);
  return (req, res, next) => all[Number(req.url?.slice(1))]?.(req, res, next);
};

/** Asks for every way, and gives what came by it. */
async function askEvery(ways: Record<string, TestHandler>): Promise<Record<string, string[]>> {
  const answers: Record<string, string[]> = {};
  for (const [index, way] of Object.keys(ways).entries()) {
    const [first, second] = await askTwice(server, { path: `/${index}`, headers });
    answers[way] = [first, second].map((answer) => `${answer.headers['content-encoding']} ${answer.text}`);
  }
  return answers;
}

const expectedOf = (ways: Record<string, TestHandler>, expected = `gzip ${text}`) =>
  Object.fromEntries(Object.keys(ways).map((way) => [way, [expected, expected]]));

/** Answers by what Express adds to a response. */
// biome-ignore lint/suspicious/noExplicitAny: the members of Express.
const bySending = (send: (res: any) => unknown) => ((_req: unknown, res: unknown) => send(res)) as TestHandler;
const expressWays: Record<string, TestHandler> = {
  'res.send': bySending((res) => res.send(text)),
  'res.json': bySending((res) => res.type('txt').json({ text })),
  'res.sendFile': bySending((res) => res.sendFile(__filename)),
};

const ourWays: Record<string, TestHandler> = {
  'res.bodyWriter': async (_req, res) => {
    await res.bodyWriter.write(text);
    await res.bodyWriter.complete();
  },
  'res.body': (_req, res) => {
    res.body.write(text);
    res.body.end();
  },
};

describe('compression', () => {
  const title = 'is applied once to what res sends: $host, $order, $what';
  const isApplied = async (row: Row) => {
    server = await row.start([compress], answerBy(nodeWays));

    expect(await askEvery(nodeWays)).toEqual(expectedOf(nodeWays));
  };

  test.each(responseRows)(title, (row) => isApplied(row));

  test.each(responseRows.filter(onExpress))(
    'is applied once to what Express sends: $host, $order, $what',
    async (row) => {
      server = await row.start([compress], answerBy(expressWays));

      const answers = await askEvery(expressWays);

      const [json, file] = [`gzip ${JSON.stringify({ text })}`, `gzip ${readFileSync(__filename, 'utf8')}`];
      expect(answers).toEqual({
        'res.send': [`gzip ${text}`, `gzip ${text}`],
        'res.json': [json, json],
        'res.sendFile': [file, file],
      });
    },
  );

  test.each(responseRows)('leaves a client alone that takes no coding: $host, $order, $what', async (row) => {
    server = await row.start([compress], nodeWays['res.end'] as TestHandler);

    const answer = await ask(server);

    expect([answer.headers['content-encoding'], answer.text]).toEqual([
      row.what === 'plain' ? undefined : 'gzip',
      text,
    ]);
  });

  test.each(responseRows)('leaves a HEAD request without a body: $host, $order, $what', async (row) => {
    server = await row.start([compress], nodeWays['res.end'] as TestHandler);

    const { status, bytes } = await ask(server, { method: 'HEAD', headers });

    expect([status, bytes.length]).toEqual([200, 0]);
  });

  test.each(responseRows.filter(({ what }) => what === 'plain'))(
    'flushes what it holds with res.flush(): $host, $order, $what',
    async (row) => {
      server = await row.start([compress], (_req, res) => {
        res.write('data: 1\n\n');
        (res as unknown as { flush(): void }).flush();
      });
      const client = await RawClient.connect(server.port);

      await client.send('GET / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n');
      // zlib ends what it flushes with an empty block.
      const received = await client.until((bytes) => bytes.includes('\0\0\xff\xff'));

      expect(received).toContain('Content-Encoding: gzip');
    },
  );

  test.each(responseRows)('tells whoever waits for drain: $host, $order, $what', async (row) => {
    server = await row.start([compress], (_req, res) => {
      let blocks = 0;
      const write = (): unknown => {
        while (blocks < 20) {
          blocks += 1;
          if (!res.write('x'.repeat(100_000))) return res.once('drain', write);
        }
        return res.end();
      };
      write();
    });

    expect((await ask(server, { headers })).text.length).toBe(2_000_000);
  });

  const ourTitle = 'the client can decode what our ways send: $host, $order, $what';
  const isDecoded = async (row: Row) => {
    server = await row.start([compress], answerBy(ourWays));

    expect(await askEvery(ourWays)).toEqual(expectedOf(ourWays));
  };
  const rows = responseRows.filter(withPipeBody);

  test.each(rows)(ourTitle, (row) => isDecoded(row));

  test.each(capitalRows.filter(({ order }) => order === 'before pipeBody()'))(
    'compresses what a body sends that is swapped in later: $host, $what',
    async (row) => {
      server = await row.start([compress], (_req, res) => res.end('hello'));

      const answers = await askTwice(server, { headers });

      expect(answers.map((answer) => answer.text)).toEqual(['HELLO', 'HELLO']);
    },
  );
});

describe.each([
  ['compression', compress],
  ['express-session', session({ secret: 's', resave: true, saveUninitialized: true }) as never],
])('%s beneath bodyWriter', (_name, middleware) => {
  test.each(responseRows.filter(withPipeBody))('sends a large body: $host, $order, $what', async (row) => {
    server = await row.start([middleware], async (_req, res) => {
      for (let index = 0; index < 100; index += 1) await res.bodyWriter.write('x'.repeat(10_000));
      await res.bodyWriter.complete();
    });

    expect((await ask(server, { headers })).text.length).toBe(1_000_000);
  });
});
