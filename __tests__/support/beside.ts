import http from 'node:http';
import { Transform } from 'node:stream';
import { createGunzip, createGzip, gunzipSync, gzipSync } from 'node:zlib';
import connect from 'connect';
import express5 from 'express';
import express4 from 'express4';
import { createServer, pipeBody } from 'pipebody';
import createRouter from 'router';
import { answerError, listen, type RunningServer, type TestHandler, withHandlers } from './hosts';

/**
 * The rows of the "works beside" table: where the other middleware stands, and what was done to the body before.
 *
 * The rows without pipebody are the oracle: what holds there has to hold in every other row.
 */
export interface Row {
  readonly host: string;
  readonly order: 'after pipeBody()' | 'before pipeBody()' | 'without pipeBody()';
  readonly what: string;
  /** The bytes that a client sends for a body that the middleware is to see. */
  readonly encode: (body: Buffer) => Buffer;
  /** Starts a server with the other middleware in its place. A handler that reads or answers comes last. */
  start(middleware: readonly RivalHandler[], handler: TestHandler): Promise<RunningServer>;
}

/** A middleware of somebody else, with whatever types. */
export type RivalHandler = (request: never, response: never, next: never) => unknown;

/** Something that is done to the body before the other middleware sees it, or in a row before pipeBody(), after. */
interface Preparation {
  readonly what: string;
  readonly encode?: (body: Buffer) => Buffer;
  readonly handlers: readonly TestHandler[];
}

interface BesideHost {
  readonly name: string;
  readonly isExpress: boolean;
  readonly isOurServer: boolean;
  serve(handlers: TestHandler[]): http.Server;
}

const asRouter = (handlers: TestHandler[]): http.RequestListener => {
  const router = withHandlers(createRouter(), handlers);
  return (req, res) => router(req, res, (error: unknown) => answerError(error, res));
};

const besideHosts: readonly BesideHost[] = [
  {
    name: 'Express 5, createServer()',
    isExpress: true,
    isOurServer: true,
    serve: (handlers) => createServer(withHandlers(express5(), handlers)),
  },
  {
    name: 'Express 5, app.listen()',
    isExpress: true,
    isOurServer: false,
    serve: (handlers) => http.createServer(withHandlers(express5(), handlers)),
  },
  {
    name: 'Express 4, createServer()',
    isExpress: true,
    isOurServer: true,
    serve: (handlers) => createServer(withHandlers(express4(), handlers)),
  },
  {
    name: 'Express 4, app.listen()',
    isExpress: true,
    isOurServer: false,
    serve: (handlers) => http.createServer(withHandlers(express4(), handlers)),
  },
  {
    name: 'connect',
    isExpress: false,
    isOurServer: false,
    serve: (handlers) => http.createServer(withHandlers(connect(), handlers)),
  },
  {
    name: 'router',
    isExpress: false,
    isOurServer: false,
    serve: (handlers) => http.createServer(asRouter(handlers)),
  },
];

const plain: Preparation = { what: 'plain', handlers: [] };

const untilComplete: TestHandler = async (req, _res, next) => {
  while (!req.complete) await new Promise(setImmediate);
  next();
};

const peek: TestHandler = async (req, _res, next) => {
  const { buffer } = await req.bodyReader.read();
  req.bodyReader.advanceTo(buffer.start);
  next();
};

const examine: TestHandler = async (req, _res, next) => {
  const { buffer } = await req.bodyReader.read();
  req.bodyReader.advanceTo(buffer.start, buffer.end);
  next();
};

const gunzip: TestHandler = (req, _res, next) => {
  delete req.headers['content-encoding'];
  req.body = req.body.pipe(createGunzip());
  next();
};

const encode = (body: Buffer) => gzipSync(body);

const requestPreparations: readonly Preparation[] = [
  plain,
  { what: 'arrived as a whole', handlers: [untilComplete] },
  { what: 'peeked', handlers: [peek] },
  { what: 'peeked and examined', handlers: [examine] },
  { what: 'swapped', encode, handlers: [gunzip] },
  { what: 'peeked, then swapped', encode, handlers: [peek, gunzip] },
  { what: 'swapped, then peeked', encode, handlers: [gunzip, peek] },
];

const swapForGzip: TestHandler = (_req, res, next) => {
  const gzip = createGzip();
  res.setHeader('Content-Encoding', 'gzip');
  gzip.pipe(res.body);
  res.body = gzip;
  next();
};

const swapForCapitals: TestHandler = (_req, res, next) => {
  const capitals = new Transform({
    transform: (chunk, _encoding, callback) => callback(null, chunk.toString('latin1').toUpperCase()),
  });
  capitals.pipe(res.body);
  res.body = capitals;
  next();
};

/** The request's body is plain, peeked at, swapped; other middleware reads it. */
export const requestRows: readonly Row[] = besideHosts.flatMap((host) => [
  ...requestPreparations.map((preparation) => rowAfter(host, preparation)),
  rowBefore(host, plain),
  ...(host.isOurServer ? [] : [rowWithout(host)]),
]);

/** The response's body is plain, or swapped for a gzip encoder; other middleware looks at or writes the response. */
export const responseRows: readonly Row[] = besideHosts.flatMap((host) => [
  ...[plain, { what: 'swapped for gzip', handlers: [swapForGzip] }].flatMap((preparation) => [
    rowAfter(host, preparation),
    rowBefore(host, preparation),
  ]),
  ...(host.isOurServer ? [] : [rowWithout(host)]),
]);

/** The response's body is swapped for one that turns text into capitals. */
export const capitalRows: readonly Row[] = besideHosts.flatMap((host) => {
  const preparation = { what: 'swapped for capitals', handlers: [swapForCapitals] };
  return [rowAfter(host, preparation), rowBefore(host, preparation)];
});

/** The rows on Express: those whose handlers can answer with `res.json` and `res.sendFile`. */
export const onExpress = ({ host }: Row) => host.startsWith('Express');

/** The rows in which the members of pipebody are there. */
export const withPipeBody = ({ order }: Row) => order !== 'without pipeBody()';

/** The rows in which the members are there when the other middleware runs. */
export const afterPipeBody = ({ order }: Row) => order === 'after pipeBody()';

/**
 * The rows for a body of more than 64 KiB, which cannot arrive as a whole before somebody reads it. Three hosts, one for
 * each place where the members hang, since large bodies take their time.
 */
export const largeRows: readonly Row[] = requestRows.filter(
  ({ host, what }) =>
    what !== 'arrived as a whole' && /Express 5, createServer|Express 4, app.listen|router/.test(host),
);

function rowAfter(host: BesideHost, { what, encode = same, handlers }: Preparation): Row {
  return {
    host: host.name,
    order: 'after pipeBody()',
    what,
    encode,
    start: (middleware, handler) =>
      listen(host.serve([...installed(host), ...handlers, ...(middleware as readonly TestHandler[]), handler])),
  };
}

function rowBefore(host: BesideHost, { what, encode = same, handlers }: Preparation): Row {
  return {
    host: host.name,
    order: 'before pipeBody()',
    what,
    encode,
    start: (middleware, handler) =>
      listen(host.serve([...(middleware as readonly TestHandler[]), pipeBody() as TestHandler, ...handlers, handler])),
  };
}

function rowWithout(host: BesideHost): Row {
  return {
    host: host.name,
    order: 'without pipeBody()',
    what: 'plain',
    encode: same,
    start: (middleware, handler) => listen(host.serve([...(middleware as readonly TestHandler[]), handler])),
  };
}

/** What a user mounts first. A server of ours has the members without it. */
function installed(host: BesideHost): TestHandler[] {
  return host.isOurServer ? [] : [pipeBody() as TestHandler];
}

function same(body: Buffer): Buffer {
  return body;
}

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body as it was on the wire. */
  readonly bytes: Buffer;
  /** The body, decoded where it is gzip. */
  readonly text: string;
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  /** Sent in two pieces, with its length unless there is a Transfer-Encoding. */
  readonly body?: Buffer;
}

/** Asks a server once, and reads the whole answer. */
export async function ask(server: RunningServer, question: Question = {}): Promise<Answer> {
  const { body, path = '/', method = body === undefined ? 'GET' : 'POST' } = question;
  const headers = { ...question.headers };
  if (body !== undefined && headers['Transfer-Encoding'] === undefined) headers['Content-Length'] = body.length;
  const request = http.request({ port: server.port, host: '127.0.0.1', agent: false, method, path, headers });
  const answer = new Promise<Answer>((resolve, reject) => {
    request.on('response', (response) => resolve(readAnswer(response))).on('error', reject);
  });
  if (body !== undefined) await sendInTwo(request, body);
  request.end();
  return answer;
}

/** Asks twice: the first request may be the one that brings the members to the application. */
export async function askTwice(server: RunningServer, question: Question = {}): Promise<[Answer, Answer]> {
  return [await ask(server, question), await ask(server, question)];
}

async function sendInTwo(request: http.ClientRequest, body: Buffer): Promise<void> {
  const half = body.length >> 1;
  await new Promise<void>((resolve) => request.write(body.subarray(0, half), () => resolve()));
  await new Promise(setImmediate);
  request.write(body.subarray(half));
}

async function readAnswer(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const isGzip = response.headers['content-encoding'] === 'gzip' && bytes.length > 0;
  return {
    status: response.statusCode as number,
    headers: response.headers,
    bytes,
    text: String(isGzip ? gunzipSync(bytes) : bytes),
  };
}
