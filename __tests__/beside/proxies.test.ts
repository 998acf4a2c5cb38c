import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { pipeline } from 'node:stream';
import httpProxy from 'http-proxy';
import { type Answer, afterPipeBody, ask, largeRows, type Row, requestRows, responseRows } from '../support/beside';
import { listen, type RunningServer, type TestHandler } from '../support/hosts';

// http-proxy: it pipes req, or the `buffer` that it is given, to a server behind, and the answer of that one into res.

/** What the server behind was sent. */
interface Forwarded {
  readonly method: string | undefined;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

let forwarded: Forwarded[] = [];
let behind: RunningServer;
let server: RunningServer;

beforeAll(async () => {
  behind = await listen(
    http.createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      forwarded.push({ method: req.method, headers: req.headers, body });
      res.writeHead(201, { 'X-Behind': 'yes', 'Content-Length': body.length });
      res.end(body);
    }),
  );
});
afterAll(() => behind.close());
beforeEach(() => {
  forwarded = [];
});
afterEach(() => server.close());

const proxy = httpProxy.createProxyServer({ agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) });

const forward =
  (from: 'req' | 'req.body'): TestHandler =>
  (req, res, next) => {
    const options = from === 'req' ? {} : { buffer: req.body };
    proxy.web(req, res, { target: behind.url, ...options }, next);
  };

// Compared as text: jest looks at every byte of a Buffer.
const summary = ({ status, headers, bytes }: Answer) => [status, headers['x-behind'], bytes.toString('latin1')];

const small = Buffer.from('{ "spaces":  "kept"  }\0');
const large = randomBytes(300_000);
const bodies = [
  { size: 'small', body: small, rows: requestRows },
  { size: 'large', body: large, rows: largeRows },
];

describe.each(bodies)('http-proxy and a $size body', ({ body, rows }) => {
  const claim = (from: 'req' | 'req.body') => async (row: Row) => {
    server = await row.start([], forward(from));
    const question = { method: 'PUT', headers: { 'X-Sent': 'yes' }, body: row.encode(body) };

    const answers = [await ask(server, question), await ask(server, question)];

    const expected = [201, 'yes', body.toString('latin1')];
    expect(answers.map(summary)).toEqual([expected, expected]);
    const sent = forwarded.map(({ method, headers, body: bytes }) => [method, headers['x-sent'], bytes.equals(body)]);
    expect(sent).toEqual([
      ['PUT', 'yes', true],
      ['PUT', 'yes', true],
    ]);
  };

  test.each(rows)('forwards the bytes of req: $host, $order, $what', claim('req'));
  test.each(rows.filter(afterPipeBody))('forwards the bytes of req.body: $host, $what', claim('req.body'));

  test.each(rows)('keeps a Content-Length that is still true: $host, $order, $what', async (row) => {
    server = await row.start([], forward('req'));

    await ask(server, { body: row.encode(body) });

    const length = row.what.includes('swapped') ? undefined : String(body.length);
    expect(forwarded.map(({ headers }) => headers['content-length'])).toEqual([length]);
  });

  test.each(responseRows)('answers with what the server behind answers: $host, $order, $what', async (row) => {
    server = await row.start([], forward('req'));

    const answer = await ask(server, { body });

    expect([answer.status, answer.headers['x-behind']]).toEqual([201, 'yes']);
    expect(answer.text).toBe(body.toString());
    expect(answer.headers['content-length']).toBe(row.what === 'plain' ? String(body.length) : undefined);
  });
});

describe('http-proxy', () => {
  test.each(requestRows.filter(({ what }) => what === 'plain'))(
    'forwards a request without a body: $host, $order',
    async (row) => {
      server = await row.start([], forward('req.body'));

      const { status } = await ask(server);

      expect([status, forwarded.map(({ method, body }) => [method, body.length])]).toEqual([201, [['GET', 0]]]);
    },
  );

  test.each(requestRows)('reports a server behind that is not there: $host, $order, $what', async (row) => {
    server = await row.start([], (req, res) => {
      proxy.web(req, res, { target: 'http://127.0.0.1:1' }, (error) => {
        res.statusCode = 502;
        res.end((error as Error & { code: string }).code);
      });
    });

    const { status, text } = await ask(server, { body: row.encode(Buffer.from('hello')) });

    expect([status, text]).toEqual([502, 'ECONNREFUSED']);
  });
});

describe('a proxy of stream.pipeline and http.request', () => {
  const claim = async (row: Row) => {
    server = await row.start([], (req, res, next) => {
      const onward = http.request(behind.url, { method: 'POST' }, (answer) => {
        pipeline(answer, res, (error) => error && next(error));
      });
      pipeline(req, onward, (error) => error && next(error));
    });

    const answer = await ask(server, { body: row.encode(large) });

    expect(answer.bytes.equals(large)).toBe(true);
  };

  test.each(largeRows)('forwards req: $host, $order, $what', claim);
});
