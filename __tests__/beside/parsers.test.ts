import { gzipSync } from 'node:zlib';
import bodyParser from 'body-parser';
import express4 from 'express4';
import getRawBody from 'raw-body';
import { afterPipeBody, ask, askTwice, type RivalHandler, requestRows, withPipeBody } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';
import { postHead, RawClient } from '../support/raw-client';

// body-parser 2, the body-parser 1 of Express 4, and raw-body: they read req itself and know nothing of pipebody.

let server: RunningServer;
afterEach(() => server.close());

interface Parser {
  readonly name: string;
  readonly parser: RivalHandler;
  readonly type: string;
  readonly bytes: Buffer;
  readonly value: unknown;
}

const object = { text: 'é😀', list: [1, 2, 3] };
const asJson = { type: 'application/json', bytes: Buffer.from(JSON.stringify(object)), value: object };
const asForm = {
  type: 'application/x-www-form-urlencoded',
  bytes: Buffer.from('a=1&b[c]=%C3%A9'),
  value: { a: '1', b: { c: 'é' } },
};
const asText = { type: 'text/plain; charset=utf-8', bytes: Buffer.from('é😀 text'), value: 'é😀 text' };
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
const asBytes = {
  type: 'application/octet-stream',
  bytes: everyByte,
  value: { type: 'Buffer', data: [...everyByte] },
};

const parsers: readonly Parser[] = [
  { name: 'body-parser json()', parser: bodyParser.json(), ...asJson },
  { name: 'body-parser urlencoded()', parser: bodyParser.urlencoded({ extended: true }), ...asForm },
  { name: 'body-parser text()', parser: bodyParser.text(), ...asText },
  { name: 'body-parser raw()', parser: bodyParser.raw(), ...asBytes },
  { name: 'express.json() of Express 4', parser: express4.json(), ...asJson },
  { name: 'express.urlencoded() of Express 4', parser: express4.urlencoded({ extended: true }), ...asForm },
  { name: 'express.text() of Express 4', parser: express4.text(), ...asText },
  { name: 'express.raw() of Express 4', parser: express4.raw(), ...asBytes },
];

/** Answers with what a middleware made of the body. */
const answerBody: TestHandler = (req, res) => res.end(JSON.stringify(req.body));

describe.each(parsers)('$name', ({ parser, type, bytes, value }) => {
  test.each(requestRows)('parses the body: $host, $order, $what', async (row) => {
    server = await row.start([parser], answerBody);

    const answers = await askTwice(server, { headers: { 'Content-Type': type }, body: row.encode(bytes) });

    expect(answers.map(({ status, text }) => [status, JSON.parse(text)])).toEqual([
      [200, value],
      [200, value],
    ]);
  });

  test.each(requestRows)('parses a body in chunks: $host, $order, $what', async (row) => {
    server = await row.start([parser], answerBody);

    const { text } = await ask(server, {
      headers: { 'Content-Type': type, 'Transfer-Encoding': 'chunked' },
      body: row.encode(bytes),
    });

    expect(JSON.parse(text)).toEqual(value);
  });
});

describe.each([
  { name: 'body-parser json()', json: bodyParser.json },
  { name: 'express.json() of Express 4', json: express4.json },
])('$name', ({ json }) => {
  const headers = { 'Content-Type': 'application/json' };

  test.each(requestRows)('answers a body over its limit with 413: $host, $order, $what', async (row) => {
    server = await row.start([json({ limit: 10 }) as RivalHandler], answerBody);

    const { status, text } = await ask(server, { headers, body: row.encode(Buffer.from('"0123456789"')) });

    expect([status, JSON.parse(text).type]).toEqual([413, 'entity.too.large']);
  });

  test.each(requestRows)('answers what is no JSON with 400: $host, $order, $what', async (row) => {
    server = await row.start([json() as RivalHandler], answerBody);

    const { status, text } = await ask(server, { headers, body: row.encode(Buffer.from('{"a":')) });

    expect([status, JSON.parse(text).type]).toEqual([400, 'entity.parse.failed']);
  });

  test.each(requestRows)('shows verify() the bytes: $host, $order, $what', async (row) => {
    const verify = (req: unknown, _res: unknown, bytes: Buffer) => {
      (req as { bytes: string }).bytes = String(bytes);
    };
    const handler: TestHandler = (req, res) => res.end((req as unknown as { bytes: string }).bytes);
    server = await row.start([json({ verify }) as RivalHandler], handler);

    const { text } = await ask(server, { headers, body: row.encode(Buffer.from('{"a":  1}')) });

    expect(text).toBe('{"a":  1}');
  });

  const undecoded = requestRows.filter(({ what }) => !what.includes('swapped'));
  test.each(undecoded)('decodes gzip by itself: $host, $order, $what', async (row) => {
    server = await row.start([json() as RivalHandler], answerBody);

    const { text } = await ask(server, {
      headers: { ...headers, 'Content-Encoding': 'gzip' },
      body: gzipSync('{"a":1}'),
    });

    expect(JSON.parse(text)).toEqual({ a: 1 });
  });

  const inTime = requestRows.filter(({ what }) => what === 'plain' || what === 'peeked');
  test.each(inTime)('reports a client that goes away: $host, $order, $what', async (row) => {
    let tell: (error: unknown) => void = () => {};
    const told = new Promise((resolve) => {
      tell = resolve;
    });
    const telling: RivalHandler = (req, res, next: unknown) =>
      (json() as RivalHandler)(req, res, ((error: unknown) => {
        tell(error);
        (next as (error: unknown) => void)(error);
      }) as never);
    server = await row.start([telling], answerBody);
    const client = await RawClient.connect(server.port);

    await client.send(`${postHead(100, 'Content-Type: application/json\r\nExpect: 100-continue')}`);
    await client.until((text) => text.includes('100 Continue'));
    await client.send('{"a":');
    await new Promise(setImmediate);
    client.reset();

    expect(await told).toMatchObject({ status: 400, type: 'request.aborted' });
  });

  test.each(requestRows.filter(withPipeBody))(
    'passes a body of another type on, to be read by bodyReader: $host, $order, $what',
    async (row) => {
      server = await row.start([json() as RivalHandler], async (req, res) => {
        const { buffer } = await req.bodyReader.readAtLeast(11);
        res.end(buffer.toString());
        req.bodyReader.advanceTo(buffer.end);
      });

      const answers = await askTwice(server, {
        headers: { 'Content-Type': 'text/plain' },
        body: row.encode(Buffer.from('hello world')),
      });

      expect(answers.map(({ text }) => text)).toEqual(['hello world', 'hello world']);
    },
  );

  test.each(requestRows.filter(({ what }) => what === 'plain'))(
    'lets requests without a body pass: $host, $order',
    async (row) => {
      server = await row.start([json() as RivalHandler], (_req, res) => res.end('passed'));

      expect((await askTwice(server)).map(({ text }) => text)).toEqual(['passed', 'passed']);
    },
  );
});

describe('body-parser json() and urlencoded(), one after the other', () => {
  const both = [bodyParser.json(), bodyParser.urlencoded({ extended: false })];

  test.each(requestRows)('parse each its own: $host, $order, $what', async (row) => {
    server = await row.start(both, answerBody);
    const answer = async (type: string, text: string) =>
      (await ask(server, { headers: { 'Content-Type': type }, body: row.encode(Buffer.from(text)) })).text;

    expect(await answer('application/json', '{"a":"1"}')).toBe('{"a":"1"}');
    expect(await answer('application/x-www-form-urlencoded', 'a=1')).toBe('{"a":"1"}');
  });
});

describe('raw-body', () => {
  const body = Buffer.from('0123456789 é');
  const lengthOf = (req: Parameters<TestHandler>[0]) => req.headers['content-length'] ?? null;

  test.each(requestRows)('reads req: $host, $order, $what', async (row) => {
    server = await row.start([], async (req, res) => {
      res.end(await getRawBody(req, { length: lengthOf(req), limit: '1kb', encoding: 'utf8' }));
    });

    const answers = await askTwice(server, { body: row.encode(body) });

    expect(answers.map(({ text }) => text)).toEqual([String(body), String(body)]);
  });

  test.each(requestRows.filter(afterPipeBody))('reads req.body: $host, $what', async (row) => {
    server = await row.start([], async (req, res) => {
      res.end(await getRawBody(req.body, { length: lengthOf(req), limit: '1kb', encoding: 'utf8' }));
    });

    expect((await ask(server, { body: row.encode(body) })).text).toBe(String(body));
  });

  test.each(requestRows)('calls back with a body over its limit: $host, $order, $what', async (row) => {
    server = await row.start([], (req, res) => {
      getRawBody(req, { limit: 5 }, (error) => {
        res.statusCode = error.status as number;
        res.end(error.type);
      });
    });

    const { status, text } = await ask(server, { body: row.encode(body) });

    expect([status, text]).toEqual([413, 'entity.too.large']);
  });
});
