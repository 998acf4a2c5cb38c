import { PassThrough } from 'node:stream';
import timeout from 'connect-timeout';
import morgan from 'morgan';
import onFinished from 'on-finished';
import onHeaders from 'on-headers';
import responseTime from 'response-time';
import { afterPipeBody, ask, askTwice, requestRows, responseRows, withPipeBody } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';

// on-headers, on-finished, morgan, response-time and connect-timeout: they look at a response and do not write it.

let server: RunningServer;
afterEach(() => server.close());

/** A list of what happened that can be waited for. */
class Log {
  readonly entries: string[] = [];
  #wake: () => void = () => {};

  add(entry: string): void {
    this.entries.push(entry);
    this.#wake();
  }

  async until(count: number): Promise<string[]> {
    while (this.entries.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.entries;
  }
}

const ways: { way: string; needsMembers: boolean; handler: TestHandler }[] = [
  { way: 'res.end', needsMembers: false, handler: (_req, res) => res.end('hello') },
  {
    way: 'res.write and res.end',
    needsMembers: false,
    handler: (_req, res) => {
      res.write('hel');
      res.end('lo');
    },
  },
  {
    way: 'res.writeHead and res.end',
    needsMembers: false,
    handler: (_req, res) => res.writeHead(200, { 'X-Head': 'written' }).end('hello'),
  },
  {
    way: 'res.flushHeaders and res.end',
    needsMembers: false,
    handler: (_req, res) => {
      res.flushHeaders();
      res.end('hello');
    },
  },
  {
    way: 'readable.pipe(res)',
    needsMembers: false,
    handler: (_req, res) => void new PassThrough().end('hello').pipe(res),
  },
  {
    way: 'res.bodyWriter',
    needsMembers: true,
    handler: async (_req, res) => {
      await res.bodyWriter.write('hello');
      await res.bodyWriter.complete();
    },
  },
  { way: 'res.body', needsMembers: true, handler: (_req, res) => void res.body.end('hello') },
];

const rows = responseRows.flatMap((row) =>
  ways.filter(({ needsMembers }) => !needsMembers || withPipeBody(row)).map((way) => ({ ...row, ...way })),
);

describe('on-headers', () => {
  test.each(rows)('is told once, and may still set headers: $way, $host, $order, $what', async (row) => {
    const log = new Log();
    const listen: TestHandler = (_req, res, next) => {
      onHeaders(res, () => {
        log.add(`sent before: ${res.headersSent}`);
        res.setHeader('X-Late', 'yes');
        res.statusCode = 202;
      });
      next();
    };
    server = await row.start([listen as never], row.handler);

    const answers = await askTwice(server);

    expect(answers.map(({ status, headers, text }) => [status, headers['x-late'], text])).toEqual([
      [202, 'yes', 'hello'],
      [202, 'yes', 'hello'],
    ]);
    expect(log.entries).toEqual(['sent before: false', 'sent before: false']);
  });
});

describe('on-headers and res.write', () => {
  test.each(responseRows)('is told before the first write returns: $host, $order, $what', async (row) => {
    const log = new Log();
    const listen: TestHandler = (_req, res, next) => {
      onHeaders(res, () => log.add('headers'));
      next();
    };
    server = await row.start([listen as never], (_req, res) => {
      res.write('hello');
      log.add('written');
      res.end();
    });

    await ask(server);

    expect(log.entries).toEqual(['headers', 'written']);
  });
});

describe('on-finished', () => {
  test.each(rows)('is told once when the response is out: $way, $host, $order, $what', async (row) => {
    const log = new Log();
    const listen: TestHandler = (_req, res, next) => {
      onFinished(res, (error) => log.add(`${error} ${res.writableFinished} ${onFinished.isFinished(res)}`));
      next();
    };
    server = await row.start([listen as never], row.handler);

    await askTwice(server);

    expect(await log.until(2)).toEqual(['null true true', 'null true true']);
  });

  test.each(responseRows)('is told when the client goes away: $host, $order, $what', async (row) => {
    const log = new Log();
    const listen: TestHandler = (_req, res, next) => {
      onFinished(res, () => log.add('closed'));
      next();
    };
    server = await row.start([listen as never], (_req, res) => {
      res.writeHead(200);
      res.flushHeaders();
    });
    const client = await RawClient.connect(server.port);

    await client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
    await client.until((received) => received.includes('\r\n\r\n'));
    client.reset();

    expect(await log.until(1)).toEqual(['closed']);
  });

  test.each(requestRows)('is told when req was read: $host, $order, $what', async (row) => {
    const log = new Log();
    server = await row.start([], (req, res) => {
      onFinished(req, (error) => {
        log.add(`${error} ${onFinished.isFinished(req)}`);
        res.end();
      });
      req.resume();
    });

    await ask(server, { body: row.encode(Buffer.from('hello')) });

    expect(log.entries).toEqual(['null true']);
  });

  test.each(requestRows.filter(afterPipeBody))('is told when bodyReader came to the end: $host, $what', async (row) => {
    const log = new Log();
    server = await row.start([], async (req, res) => {
      onFinished(req, (error) => {
        log.add(`${error} ${onFinished.isFinished(req)}`);
        res.end();
      });
      for await (const _ of req.bodyReader);
    });

    await ask(server, { body: row.encode(Buffer.from('hello')) });

    expect(log.entries).toEqual(['null true']);
  });
});

describe('morgan', () => {
  test.each(rows)('writes a line for each response: $way, $host, $order, $what', async (row) => {
    const log = new Log();
    const stream = { write: (line: string) => log.add(line) };
    const logger = morgan(':method :url :status :res[x-set] :response-time', { stream });
    server = await row.start([logger as never], (req, res, next) => {
      res.setHeader('X-Set', 'seen');
      row.handler(req, res, next);
    });

    await askTwice(server, { path: '/page' });

    expect(await log.until(2)).toEqual(Array(2).fill(expect.stringMatching(/^GET \/page 200 seen [\d.]+\n$/)));
  });

  test.each(responseRows)('logs the length that is sent: $host, $order, $what', async (row) => {
    const log = new Log();
    const logger = morgan(':res[content-length]', { stream: { write: (line: string) => log.add(line) } });
    server = await row.start([logger as never], (_req, res) => {
      res.setHeader('Content-Length', 5);
      res.end('hello');
    });

    await ask(server);

    expect(await log.until(1)).toEqual([row.what === 'plain' ? '5\n' : '-\n']);
  });
});

describe('response-time', () => {
  test.each(rows)('sets its header: $way, $host, $order, $what', async (row) => {
    server = await row.start([responseTime() as never], row.handler);

    const answers = await askTwice(server);

    expect(answers.map(({ headers, text }) => [headers['x-response-time'], text])).toEqual(
      Array(2).fill([expect.stringMatching(/^[\d.]+ms$/), 'hello']),
    );
  });
});

describe('connect-timeout', () => {
  const never: TestHandler = () => {};

  test.each(responseRows)('fires: $host, $order, $what', async (row) => {
    server = await row.start([timeout(5) as never], never);

    const { status, text } = await ask(server);

    expect([status, JSON.parse(text).code]).toEqual([503, 'ETIMEDOUT']);
  });

  test.each(requestRows)('fires while a body is waited for: $host, $order, $what', async (row) => {
    server = await row.start([timeout(20) as never], (req) => {
      req.on('data', () => {});
    });

    const { status } = await ask(server, { body: row.encode(Buffer.from('hello')) });

    expect(status).toBe(503);
  });

  test.each(rows)('does not fire once the response has begun: $way, $host, $order, $what', async (row) => {
    const log = new Log();
    server = await row.start([timeout(60_000, { respond: false }) as never], (req, res, next) => {
      req.on('timeout', () => log.add('timeout'));
      row.handler(req, res, next);
    });

    expect([(await ask(server)).text, log.entries]).toEqual(['hello', []]);
  });
});
