import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import type express from 'express';
import {
  decompress,
  type FormOptions,
  FormReader,
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
  readLines,
  text,
  urlencoded,
} from 'pipebody';

// The routes of fault-application.ts: every parser, every way to read and to answer, and handlers that fail.

export type Answer = (
  req: PipeRequest & { files?: unknown },
  res: PipeResponse & { json(value: unknown): void },
) => unknown;

/** Puts a route of POST into an application; failures of its answer go to the error handler. */
export type Route = (path: string, before: readonly unknown[], answer: Answer) => void;

/** 64 KiB that a coding does not make much shorter. */
const piece = Buffer.from(randomBytes(49_152).toString('base64'));

/** What was parsed, so that a client can compare it; large bodies by their size. */
const echo: Answer = (req, res) => {
  const answer = textOf((req as { body?: unknown }).body);
  res.setHeader('Content-Type', 'application/json');
  res.end(answer.length > 65_536 ? String(answer.length) : answer);
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

async function countBytes(req: PipeRequest): Promise<number> {
  let total = 0;
  for await (const chunk of req.bodyReader) total += chunk.length;
  return total;
}

export function routeParsers(route: Route): void {
  for (const parser of [json(), urlencoded({ extended: true }), text(), raw(), lines(), ndjson()]) {
    const name = parser.name.replace('Parser', '');
    route(`/${name}`, [parser], echo);
    // Where it is asked what reading costs, and not what answering does.
    route(`/only/${name}`, [parser], (_req, res) => res.end('read'));
  }
  route('/twice', [json(), json(), urlencoded(), text()], echo);
  route('/decompress', [decompress(), text({ limit: '1mb' })], echo);
  const count: Answer = async (req, res) => res.json(await countBytes(req));
  route('/decompress/default', [decompress()], count);
  // br as on a Node whose decoder is sound.
  const allowUnsafeBrotli = true;
  route('/br/json', [json({ allowUnsafeBrotli })], echo);
  route('/br/lines', [lines({ allowUnsafeBrotli })], echo);
  route('/br/decompress/default', [decompress({ allowUnsafeBrotli })], count);
  route('/br/decompress', [decompress({ allowUnsafeBrotli }), text({ limit: '1mb' })], echo);
}

/** Filters that fail, each in a way of its own, at the file `b`. */
const badFilters: Record<string, NonNullable<FormOptions['fileFilter']>> = {
  throws: (_req, { fieldname }, callback) => {
    if (fieldname === 'b') throw new Error('The filter throws.');
    callback(null, true);
  },
  rejects: async (_req, { fieldname }, callback) => {
    await wait(5);
    if (fieldname === 'b') throw new Error('The filter rejects.');
    callback(null, true);
  },
  'rejects-late': async (_req, { fieldname }, callback) => {
    callback(null, true);
    await wait(5);
    if (fieldname === 'b') throw new Error('The filter rejects when it has called back.');
  },
  'throws-late': (_req, { fieldname }, callback) => {
    callback(null, true);
    if (fieldname === 'b') throw new Error('The filter throws when it has called back.');
  },
  'calls-back-twice': (_req, _file, callback) => {
    callback(null, true);
    callback(new Error('The filter has called back.'));
  },
  'never-answers': (_req, { fieldname }, callback) => {
    if (fieldname !== 'b') callback(null, true);
  },
};

export function routeForms(route: Route, tempDir: string): void {
  const answer: Answer = (req, res) => {
    const files = (req.files ?? []) as { fieldname: string; originalname: string; size: number }[];
    const names = files.slice(0, 1_000).map(({ fieldname, originalname, size }) => [fieldname, originalname, size]);
    res.json({ fields: req.body, files: names, path: files.length > 0 ? undefined : (req.body as never)?.['files'] });
  };
  const none = Number.POSITIVE_INFINITY;
  const unlimited = { parts: none, fields: none, files: none };
  // Whoever is asked takes its time, and the body goes on meanwhile.
  const fileFilter = (_req: unknown, _file: unknown, callback: (error: null, accept: boolean) => void) => {
    setTimeout(callback, 20, null, true);
  };
  route('/form', [form({ tempDir })], answer);
  route('/form/filtered', [form({ tempDir, fileFilter, limits: { totalSize: 200_000 } })], answer);
  route('/form/unlimited', [form({ tempDir, limits: unlimited })], answer);
  route('/form/on-disk', [form({ tempDir, limits: unlimited, memoryThreshold: 0 })], answer);
  for (const [name, fileFilter] of Object.entries(badFilters))
    route(`/form/filter/${name}`, [form({ tempDir, memoryThreshold: 0, fileFilter })], answer);
  route('/form/urlencoded-and-json', [json(), form({ tempDir })], answer);
  route('/decompress/form', [decompress(), form({ tempDir })], answer);
}

export function routeReaders(route: Route): void {
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
  route('/pairs', [], async (req, res) => res.json(await new FormReader(req.bodyReader).readForm()));
  route('/longest-line', [], async (req, res) => {
    let longest = 0;
    for await (const line of readLines(req.bodyReader)) longest = Math.max(longest, line.length);
    res.json(longest);
  });
  route('/reader', [], async (req, res) => res.json(await countBytes(req)));
  route('/late', [], async (req, res) => {
    await wait(300);
    res.json(await countBytes(req));
  });
  route('/reader/swapped', [], async (req, res) => {
    res.pipeBodyThrough(createGzip());
    for await (const chunk of req.bodyReader) await res.bodyWriter.write(chunk);
    await res.bodyWriter.complete();
  });
  route('/buffered', [], async (req, res) => {
    await req.enableBuffering({ thresholdBytes: 1_024 });
    const first = await countBytes(req);
    await req.rewindBody();
    res.json([first, await countBytes(req)]);
  });
  const slow = { minRequestBodyDataRate: { bytesPerSecond: 240, gracePeriodMs: 500 } };
  route('/paced', [pipeBody(slow)], async (req, res) => res.json(await countBytes(req)));
  route('/limited', [pipeBody({ maxRequestBodySize: 1_000 })], async (req, res) => res.json(await countBytes(req)));
  route('/unread', [], (_req, res) => res.end('unread'));
  route('/half-read', [], async (req, res) => {
    const { buffer } = await req.bodyReader.read();
    req.bodyReader.advanceTo(buffer.getPosition(1), buffer.end);
    res.end('unread');
  });
}

/** Likewise with `compress()` before it: the paths then begin with `/compressed`. */
export function routeAnswers(app: express.Express, route: Route, under = ''): void {
  route(`${under}/echo`, [], async (req, res) => {
    res.setHeader('Content-Type', 'text/plain');
    for await (const chunk of req.bodyReader) await res.writeAsync(chunk);
    await res.completeAsync();
  });
  route(`${under}/half-way`, [], async (_req, res) => {
    res.setHeader('Content-Type', 'text/plain');
    await res.writeAsync('half of it');
    // What is cut off in the turn of its write may take its bytes along.
    await new Promise(setImmediate);
    throw new Error('The handler fails half way.');
  });
  route(`${under}/after-end`, [], (_req, res) => {
    res.on('error', () => {});
    res.end('ended');
    res.write('more');
    res.end('again');
  });
  route(`${under}/head-as-array`, [json()], (_req, res) => {
    res.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', '5000', 'X-A', 'b']);
    res.end('x'.repeat(5_000));
  });
  app.all(`${under}/status/:status`, (req, res) => {
    res
      .status(Number(req.params['status']))
      .type('text')
      .end('a body'.repeat(under === '' ? 1 : 1_000));
  });
  app.get(`${under}/endless`, async (_req, res) => {
    res.setHeader('Content-Type', 'text/plain');
    for (let written = 0; written < 200 * 2 ** 20; written += piece.length) {
      if ((await (res as unknown as PipeResponse).writeAsync(piece)).isCompleted) return;
    }
    res.end();
  });
}

export function answerFailure(
  { status = 500, type, code }: { status?: number; type?: string; code?: string },
  res: ServerResponse,
): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  res.statusCode = status;
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ type, code }));
}
