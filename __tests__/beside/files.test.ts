import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import send from 'send';
import serveStatic from 'serve-static';
import { type Answer, ask, askTwice, onExpress, type RivalHandler, responseRows } from '../support/beside';
import type { RunningServer, TestHandler } from '../support/hosts';

// serve-static and send (res.sendFile is one, too): they pipe files into res, whole, in part, or not at all.

const text = 'The file that is sent: é, '.repeat(5_000);
const bytes = Buffer.from(text);
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'beside-files-'));
  writeFileSync(join(directory, 'file.txt'), text);
  writeFileSync(join(directory, 'empty.txt'), '');
});
afterAll(() => rmSync(directory, { recursive: true }));

let server: RunningServer;
afterEach(() => server.close());

const notFound: TestHandler = (_req, res) => {
  res.statusCode = 404;
  res.end('none of ours');
};

/** The ways to send a file. Where it stands beside pipeBody() counts for the first: the others run in the handler. */
const ways: { way: string; middleware: () => RivalHandler[]; handler: TestHandler; isExpress: boolean }[] = [
  { way: 'serve-static', middleware: () => [serveStatic(directory) as never], handler: notFound, isExpress: false },
  {
    way: 'send',
    middleware: () => [],
    handler: (req, res, next) =>
      send(req, req.url as string, { root: directory })
        .on('error', (error) => (error.status === 404 ? notFound(req, res, next) : next(error)))
        .pipe(res),
    isExpress: false,
  },
  {
    way: 'res.sendFile',
    middleware: () => [],
    handler: (req, res, next) =>
      (
        res as unknown as { sendFile(path: string, options: object, done: (error?: { status: number }) => void): void }
      ).sendFile(req.url as string, { root: directory }, (error) => {
        if (error?.status === 404) notFound(req, res, next);
        else if (error !== undefined) next(error);
      }),
    isExpress: true,
  },
];

// A response that serve-static ends before pipeBody() has no members yet: there is nothing to swap.
const rows = ways.flatMap((way) =>
  responseRows
    .filter((row) => !way.isExpress || onExpress(row))
    .filter((row) => way.way !== 'serve-static' || row.order !== 'before pipeBody()' || row.what === 'plain')
    .map((row) => ({ ...row, ...way })),
);

const isPlain = ({ what }: { what: string }) => what === 'plain';
const lengthOf = (answer: Answer) => answer.headers['content-length'];

describe('files', () => {
  test.each(rows)('are sent whole: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const answers = await askTwice(server, { path: '/file.txt' });

    expect(answers.map((answer) => [answer.status, answer.text === text])).toEqual([
      [200, true],
      [200, true],
    ]);
    expect(answers.map(lengthOf)).toEqual(Array(2).fill(isPlain(row) ? String(bytes.length) : undefined));
    expect(answers[0].headers['content-type']).toMatch(/^text\/plain/);
  });

  test.each(rows)('of no bytes are sent: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const { status, text: received } = await ask(server, { path: '/empty.txt' });

    expect([status, received]).toEqual([200, '']);
  });

  test.each(rows)('are answered with 304 when the client has them: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);
    const { headers } = await ask(server, { path: '/file.txt' });

    const answers = await askTwice(server, {
      path: '/file.txt',
      headers: { 'If-None-Match': headers.etag as string },
    });

    expect(answers.map((answer) => [answer.status, answer.bytes.length])).toEqual([
      [304, 0],
      [304, 0],
    ]);
  });

  test.each(rows)('are sent in part: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const answer = await ask(server, { path: '/file.txt', headers: { Range: 'bytes=10-19' } });

    expect([answer.status, answer.text]).toEqual([206, text.slice(10, 20)]);
    expect(answer.headers['content-range']).toBe(`bytes 10-19/${bytes.length}`);
    expect(lengthOf(answer)).toBe(isPlain(row) ? '10' : undefined);
  });

  test.each(rows)('are not sent beyond their end: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const { status, headers } = await ask(server, { path: '/file.txt', headers: { Range: 'bytes=9999999-' } });

    expect([status, headers['content-range']]).toEqual([416, `bytes */${bytes.length}`]);
  });

  test.each(rows)('are told of without their bytes to HEAD: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const answer = await ask(server, { method: 'HEAD', path: '/file.txt' });

    expect([answer.status, answer.bytes.length]).toEqual([200, 0]);
    expect(lengthOf(answer)).toBe(isPlain(row) ? String(bytes.length) : undefined);
  });

  test.each(rows)('that are not there are left to the next: $way, $host, $order, $what', async (row) => {
    server = await row.start(row.middleware(), row.handler);

    const answers = await askTwice(server, { path: '/none.txt' });

    expect(answers.map((answer) => [answer.status, answer.text])).toEqual([
      [404, 'none of ours'],
      [404, 'none of ours'],
    ]);
  });
});
