import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import cookieSession from 'cookie-session';
import session from 'express-session';
import { ask, onExpress, type Row, responseRows, withPipeBody } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';

// express-session puts its own end on every response, to save first; both set their cookie when the headers leave.

let server: RunningServer;
afterEach(() => server.close());

/** A store that takes its time, as one behind a network does. */
class SlowStore extends session.MemoryStore {
  readonly saved: string[] = [];

  override set(id: string, value: session.SessionData, callback?: (error?: unknown) => void): void {
    super.set(id, value, () => {
      setImmediate(() => {
        this.saved.push(id);
        callback?.();
      });
    });
  }
}

const sessionOf = (req: unknown) => (req as { session: { views?: number } }).session;
const countView = (req: unknown): string => {
  const current = sessionOf(req);
  current.views = (current.views ?? 0) + 1;
  return `views ${current.views}`;
};

const nodeWays: Record<string, TestHandler> = {
  'res.end': (req, res) => res.end(countView(req)),
  'res.end with a Content-Length': (req, res) => {
    const text = countView(req);
    res.setHeader('Content-Length', text.length);
    res.end(text);
  },
  'res.writeHead and res.end': (req, res) => {
    const text = countView(req);
    res.writeHead(200, { 'Content-Type': 'text/plain' });
    res.end(text);
  },
  'res.write and res.end': (req, res) => {
    res.write(countView(req));
    res.end();
  },
  'pipeline to res': (req, res) => pipeline(Readable.from([countView(req)]), res, () => {}),
};

const ourWays: Record<string, TestHandler> = {
  'res.bodyWriter': async (req, res) => {
    await res.bodyWriter.write(countView(req));
    await res.bodyWriter.complete();
  },
  'res.body': (req, res) => {
    res.body.end(countView(req));
  },
};

const withWays = (rows: readonly Row[], ways: Record<string, TestHandler>) =>
  rows.flatMap((row) => Object.entries(ways).map(([way, handler]) => ({ ...row, way, handler })));

const cookiesOf = (headers: IncomingHttpHeaders) =>
  (headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');

/** Comes back with the cookies that it was given, as a browser does. */
async function visitTwice() {
  const first = await ask(server);
  const second = await ask(server, { headers: { Cookie: cookiesOf(first.headers) } });
  return [first.text, second.text];
}

const isSaved = (handler: TestHandler) => async (row: Row) => {
  const store = new SlowStore();
  const options = { secret: 'secret', store, resave: false, saveUninitialized: false };
  server = await row.start([session(options) as never], handler);

  expect(await visitTwice()).toEqual(['views 1', 'views 2']);
  expect(store.saved.length).toBe(2);
};

const isInCookie = (handler: TestHandler) => async (row: Row) => {
  server = await row.start([cookieSession({ keys: ['key'] }) as never], handler);

  expect(await visitTwice()).toEqual(['views 1', 'views 2']);
};

const allWays = [
  ...withWays(responseRows, nodeWays),
  ...withWays(responseRows.filter(onExpress), {
    'res.json': (req, res) =>
      (res as unknown as { type(t: string): { send(s: string): void } }).type('txt').send(countView(req)),
  }),
];

const byOurWays = withWays(responseRows.filter(withPipeBody), ourWays);

describe('express-session', () => {
  const title = 'saves before the response ends: $way, $host, $order, $what';
  const claim = (row: (typeof allWays)[0]) => isSaved(row.handler)(row);

  test.each(allWays)(title, (row) => claim(row));

  test.each(byOurWays)(title, (row) => claim(row));

  const destroys = async (row: Row) => {
    const store = new SlowStore();
    const options = { secret: 'secret', store, resave: false, saveUninitialized: true, unset: 'destroy' as const };
    server = await row.start([session(options) as never], (req, res) => {
      if (req.url === '/') return res.end(countView(req));
      (req as unknown as { session: null }).session = null;
      return res.end('gone');
    });

    const { headers } = await ask(server);
    const { text } = await ask(server, { path: '/destroy', headers: { Cookie: cookiesOf(headers) } });

    expect(text).toBe('gone');
    expect((store as unknown as { sessions: object }).sessions).toEqual({});
  };

  test.each(responseRows)('destroys a session: $host, $order, $what', (row) => destroys(row));
});

describe('cookie-session', () => {
  const title = 'sends its cookie with the headers: $way, $host, $order, $what';
  const claim = (row: (typeof allWays)[0]) => isInCookie(row.handler)(row);

  test.each(allWays)(title, (row) => claim(row));
  test.each(byOurWays)(title, (row) => claim(row));
});
