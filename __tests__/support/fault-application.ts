import { readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import express from 'express';
import {
  createServer,
  decompress,
  form,
  json,
  lines,
  MultipartReader,
  ndjson,
  type PipeRequest,
  type PipeResponse,
  pipeBody,
  raw,
  readJsonArray,
  text,
  urlencoded,
} from 'pipebody';
import type { Report } from './fault-server';
import { collectGarbage } from './mixed-requests';

// The application under test, in a process of its own: node -r esbuild-register fault-application.ts <host> <folder>.
// No handler of the process for errors, rejections or warnings: whatever gets out of a promise ends it, and whatever
// Node warns of is on its stderr.

const [host = 'createServer()', folder = ''] = process.argv.slice(2);

type Answer = (req: PipeRequest & { files?: unknown }, res: PipeResponse & { json(value: unknown): void }) => unknown;

let handled = 0;
let cpuAtMark = process.cpuUsage();

/** A route: what comes before, and an answer whose failures go to the error handler. */
function route(path: string, before: readonly unknown[], answer: Answer): void {
  app.post(path, ...(before as express.RequestHandler[]), async (req, res) => {
    handled += 1;
    await answer(req as never, res as never);
  });
}

/** What was parsed, so that a client can compare it; large bodies by their size. */
const echo: Answer = (req, res) => {
  const text = textOf((req as { body?: unknown }).body);
  res.setHeader('Content-Type', 'application/json');
  res.end(text.length > 65_536 ? String(text.length) : text);
};

function textOf(body: unknown): string {
  if (body instanceof Readable) return '"not parsed"';
  try {
    return JSON.stringify(Buffer.isBuffer(body) ? body.toString('latin1') : body) ?? '"nothing"';
  } catch {
    // JSON.stringify() has no way to write what is nested deeper than the stack.
    return '"deep"';
  }
}

const app = express();
app.disable('x-powered-by');
if (host !== 'createServer()') app.use(pipeBody() as express.RequestHandler);

for (const parser of [json(), urlencoded({ extended: true }), text(), raw(), lines(), ndjson()]) {
  route(`/${parser.name.replace('Parser', '')}`, [parser], echo);
}
route('/twice', [json(), json(), urlencoded(), text()], echo);
route('/form', [form({ tempDir: folder })], (req, res) => {
  const files = (req.files ?? []) as { fieldname: string; originalname: string; size: number }[];
  const names = files.map(({ fieldname, originalname, size }) => [fieldname, originalname, size]);
  res.json({ fields: req.body, files: names, path: files.length > 0 ? undefined : (req.body as never)?.['files'] });
});
route('/decompress', [decompress(), text({ limit: '1mb' })], echo);
route('/decompress/form', [decompress(), form({ tempDir: folder })], echo);
route('/array', [], async (req, res) => {
  let count = 0;
  for await (const element of readJsonArray(req.bodyReader)) count += element === null ? 0 : 1;
  res.json(count);
});
route('/multipart', [], async (req, res) => {
  const boundary = /boundary=([^;]+)/.exec(req.headers['content-type'] ?? '')?.[1] ?? '';
  const names: unknown[] = [];
  for await (const section of new MultipartReader(req.bodyReader, boundary)) names.push(section.name);
  res.json(names);
});
route('/reader', [], async (req, res) => res.json(await countBytes(req)));
route('/reader/swapped', [], async (req, res) => {
  res.pipeBodyThrough(createGzip());
  for await (const chunk of req.bodyReader) await res.bodyWriter.write(chunk);
  await res.bodyWriter.complete();
});
route('/echo', [], async (req, res) => {
  for await (const chunk of req.bodyReader) await res.writeAsync(chunk);
  await res.completeAsync();
});
route('/buffered', [], async (req, res) => {
  await req.enableBuffering({ thresholdBytes: 1_024 });
  const first = await countBytes(req);
  await req.rewindBody();
  res.json([first, await countBytes(req)]);
});
route('/unread', [], (_req, res) => res.end('unread'));
route('/limited', [pipeBody({ maxRequestBodySize: 1_000 })], async (req, res) => res.json(await countBytes(req)));
const slow = { minRequestBodyDataRate: { bytesPerSecond: 240, gracePeriodMs: 500 } };
route('/paced', [pipeBody(slow)], async (req, res) => res.json(await countBytes(req)));
route('/half-way', [], async (_req, res) => {
  await res.writeAsync('half of it');
  // What is cut off in the turn of its write may take its bytes along.
  await new Promise(setImmediate);
  throw new Error('The handler fails half way.');
});
route('/after-end', [], (_req, res) => {
  res.on('error', () => {});
  res.end('ended');
  res.write('more');
  res.end('again');
});
app.all('/status/:status', (req, res) => {
  res.status(Number(req.params.status)).end('a body');
});
app.get('/endless', async (_req, res) => {
  const piece = Buffer.alloc(65_536, 'x');
  for (let written = 0; written < 200 * 2 ** 20; written += piece.length) {
    if ((await (res as unknown as PipeResponse).writeAsync(piece)).isCompleted) return;
  }
  res.end();
});
app.use(((error, _req, res, _next) => answerError(error, res)) as express.ErrorRequestHandler);

async function countBytes(req: PipeRequest): Promise<number> {
  let total = 0;
  for await (const chunk of req.bodyReader) total += chunk.length;
  return total;
}

function answerError(
  { status = 500, type, code }: { status?: number; type?: string; code?: string },
  res: ServerResponse,
) {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ type, code }));
}

/** What cannot be seen from outside. */
async function report(): Promise<Report> {
  const { user, system } = process.cpuUsage(cpuAtMark);
  return {
    handled,
    cpuMs: (user + system) / 1_000,
    heapBytes: process.memoryUsage().heapUsed,
    connections: await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    polluted: [...Object.keys(Object.prototype), ...Object.keys(Array.prototype), ...Object.keys(Function.prototype)],
    files: folder === '' ? [] : readableNames(folder),
  };
}

function readableNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

const server = host === 'createServer()' ? createServer(app) : http.createServer(app);
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('disconnect', () => process.exit(0));
process.on('message', async (question) => {
  if (question === 'mark') cpuAtMark = process.cpuUsage();
  if (question === 'collect') await collectGarbage();
  process.send?.(await report());
});
