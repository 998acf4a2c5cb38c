import http from 'node:http';
import { pipeline, Readable } from 'node:stream';
import compression from 'compression';
import express from 'express';
import { compress } from 'pipebody';
import { askEncoded, type EncodedAnswer } from '../../support/ask-encoded';
import { listen, type TestHandler } from '../../support/hosts';

// compression is the oracle: the same handler under both has to come to the same answer. What is different on purpose
// has its own tests: HEAD, a weak ETag, the parts and digests that compression passes on, Content-Length.

const sizes = [0, 1, 1_023, 1_024, 5_000, 16_384, 16_385, 200_000];
const types = [
  'text/plain',
  'application/json; charset=utf-8',
  'image/png',
  'application/octet-stream',
  'text/x-unknown',
];
const accepted = [
  'gzip',
  'deflate',
  'br',
  'gzip, deflate, br',
  'br;q=0.5, gzip',
  'gzip;q=0, *',
  'identity',
  'identity;q=0',
  '*',
  '*;q=0',
  'gzip;q=0.5, identity',
  'GZIP',
  'unknown',
  'gzip;q=nonsense',
  '',
  undefined,
];

const textOf = (size: number) => 'pipes and bodies, é! '.repeat(size / 22 + 1).slice(0, size);

/** How a handler writes. */
const ways: Record<string, (res: http.ServerResponse, text: string) => void> = {
  'res.end': (res, text) => res.end(text),
  'res.end of bytes': (res, text) => res.end(Buffer.from(text)),
  'a Content-Length': (res, text) => res.setHeader('Content-Length', Buffer.byteLength(text)).end(text),
  'one write': (res, text) => {
    res.write(text);
    res.end();
  },
  'many writes': (res, text) => {
    for (let at = 0; at < text.length; at += 1_000) res.write(text.slice(at, at + 1_000));
    res.end();
  },
  'writes in later ticks': async (res, text) => {
    for (let at = 0; at < text.length; at += 30_000) {
      res.write(text.slice(at, at + 30_000));
      await new Promise(setImmediate);
    }
    res.end();
  },
  writeHead: (res, text) => res.writeHead(200, { 'X-Head': 'yes' }).end(text),
  'writeHead with a length': (res, text) => res.writeHead(200, { 'content-length': Buffer.byteLength(text) }).end(text),
  flushHeaders: (res, text) => {
    res.flushHeaders();
    res.end(text);
  },
  pipe: (res, text) => void Readable.from([Buffer.from(text)]).pipe(res),
  pipeline: (res, text) => void pipeline(Readable.from([Buffer.from(text)]), res, () => {}),
};

interface Case {
  readonly size?: number;
  readonly type?: string | undefined;
  readonly way?: string;
  readonly coding?: string | undefined;
  readonly headers?: Record<string, string>;
}

let current: Case = {};
const answer: TestHandler = (_req, res) => {
  const { size = 5_000, type = 'text/plain', way = 'res.end', headers = {} } = current;
  res.setHeader('Content-Type', type);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  ways[way]?.(res, textOf(size));
};

const serve = (middleware: unknown) =>
  listen(
    http.createServer(
      express()
        .disable('etag')
        .use(middleware as never, answer as never),
    ),
  );

let servers: Awaited<ReturnType<typeof serve>>[];
beforeAll(async () => {
  servers = [await serve(compress()), await serve(compression())];
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

const factsOf = ({ status, headers, text, valuesOf }: EncodedAnswer) => ({
  status,
  text,
  coding: headers['content-encoding'],
  vary: valuesOf('vary'),
});

/** Asks both servers, and gives what they answered: ours, compression's. */
async function askBoth(row: Case, options: http.RequestOptions = {}) {
  current = row;
  const { coding = 'gzip' } = row;
  const headers = 'coding' in row && row.coding === undefined ? {} : { 'Accept-Encoding': coding };
  const answers: ReturnType<typeof factsOf>[] = [];
  for (const server of servers) answers.push(factsOf(await askEncoded(server, { headers, ...options })));
  return answers;
}

async function expectTheSame(rows: Case[], options?: http.RequestOptions): Promise<void> {
  for (const row of rows) {
    const [ours, theirs] = await askBoth(row, options);
    expect({ row, ...ours }).toEqual({ row, ...theirs });
  }
}

describe('compress() answers as compression does', () => {
  test.each(Object.keys(ways))('for bodies of every size that are written by %s', (way) =>
    expectTheSame(sizes.map((size) => ({ way, size }))),
  );

  test.each(Object.keys(ways))('for every content coding, written by %s', (way) =>
    expectTheSame(accepted.map((coding) => ({ way, coding }))),
  );

  test('for every content type', () =>
    expectTheSame(types.flatMap((type) => Object.keys(ways).map((way) => ({ way, type })))));

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('for %s', (method) =>
    expectTheSame([{ size: 10 }, { size: 5_000 }], { method }),
  );

  test('for responses that say how they may be stored, and that vary or are encoded already', () =>
    expectTheSame(
      [
        { 'Cache-Control': 'no-transform' },
        { 'Cache-Control': 'public, No-Transform ,max-age=1' },
        { 'Cache-Control': 'x-no-transform' },
        { Vary: 'Origin' },
        { Vary: 'origin, accept-encoding' },
        { Vary: '*' },
        { 'Content-Encoding': 'x-own' },
        { 'Content-Encoding': 'identity' },
      ].map((headers) => ({ headers })),
    ));
});
