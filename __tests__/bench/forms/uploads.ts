import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fastifyBusboy from '@fastify/busboy';
import busboy from 'busboy';
import express from 'express';
import multer from 'multer';
import { createServer, form, MultipartReader, memoryStorage, type PipeRequest } from 'pipebody';
import { type ServerScenario, type ServerVariant, type Usage, withServer } from '../http/http-scenario';
import { type Child, startChild } from '../runner/child';
import type { Bound, Comparison, Metric, Sample } from '../runner/scenario';
import type { Settings } from '../runner/settings';
import type { UploadOrder } from './upload-form-child';

const ours = 'pipebody';
const peak = 'peak RSS over idle MiB';

const metrics: readonly Metric[] = [
  { name: 'server CPU µs/upload', better: 'less', digits: 0 },
  { name: peak, better: 'less', digits: 1 },
];

interface UploadScenarioOptions {
  readonly name: string;
  readonly byteCount: number;
  /** Uploads for each of those of the settings. */
  readonly perUpload: number;
  readonly connections?: number;
  readonly variants: readonly ServerVariant[];
  readonly compare: readonly Comparison[];
  readonly bounds?: readonly Bound[];
}

/** Uploads of forms of one file to servers in processes of their own. */
function uploadScenario(options: UploadScenarioOptions): ServerScenario {
  const { name, byteCount, perUpload, connections = 1, variants, compare, bounds = [] } = options;
  const order = ({ uploads }: Settings) => ({ byteCount, count: uploads * perUpload, connections });
  return {
    suite: 'forms',
    name,
    metrics,
    variants,
    compare,
    bounds,
    open: async (settings) => ({
      measure: (variant) =>
        withServer(__filename, name, variant, (server, port) => measure(server, { port, ...order(settings) })),
      close: () => {},
    }),
  };
}

async function measure(server: Child, order: UploadOrder): Promise<Sample> {
  const client = startChild(path.join(__dirname, 'upload-form-child.ts'), []);
  const upload = (count: number) => client.ask('upload', { ...order, count }, 300_000);
  try {
    if (order.connections === 1) await upload(Math.ceil(order.count / 2));
    await server.ask('watchMemory');
    await server.ask('begin');
    await upload(order.count);
    const { cpuMicros, rssOverIdleBytes } = await server.ask<Usage>('end');
    return { 'server CPU µs/upload': cpuMicros / order.count, [peak]: rssOverIdleBytes / 2 ** 20 };
  } finally {
    client.kill();
  }
}

/** A server of Express with one handler for uploads. */
function serve(name: string, make: (listener: express.Express) => http.Server, ...handlers: express.RequestHandler[]) {
  const start = () => make(express().post('/', ...handlers)).listen(0, '127.0.0.1');
  return { name, start };
}

const byUs = (...handlers: unknown[]) => serve(ours, createServer, ...(handlers as express.RequestHandler[]));
const byOthers = (name: string, ...handlers: express.RequestHandler[]) => serve(name, http.createServer, ...handlers);

const answerSize: express.RequestHandler = (req, res) => {
  res.end(String(req.file?.size));
};

/** The same work for all: what is kept after the response is removed by the handler. */
const answerAndRemove: express.RequestHandler = async (req, res) => {
  await rm(req.file?.path as string);
  res.end(String(req.file?.size));
};

const drainByUs = async (req: PipeRequest, res: express.Response) => {
  const boundary = req.headers['content-type']?.split('boundary=')[1] as string;
  let total = 0;
  for await (const { bodyReader } of new MultipartReader(req.bodyReader, boundary)) {
    for (;;) {
      const { buffer, isCompleted } = bodyReader.tryRead() ?? (await bodyReader.read());
      total += buffer.length;
      bodyReader.advanceTo(buffer.end);
      if (isCompleted) break;
    }
  }
  res.end(String(total));
};

const drainBy =
  (make: (config: { headers: http.IncomingHttpHeaders }) => unknown): express.RequestHandler =>
  (req, res) => {
    let total = 0;
    const parser = make({ headers: req.headers }) as NodeJS.WritableStream;
    parser.on('file', (_name: string, file: NodeJS.ReadableStream) => {
      file.on('data', ({ length }) => {
        total += length;
      });
    });
    parser.on('finish', () => res.end(String(total)));
    req.pipe(parser);
  };

let madeFolder: string | undefined;

/** Where the files of this process lie; removed with it. */
function folder(): string {
  if (madeFolder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'pipebody-bench-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    madeFolder = made;
  }
  return madeFolder;
}

/** Made only in the process of the server: a folder for each that is started. */
const started = (name: string, make: () => ServerVariant): ServerVariant => ({ name, start: () => make().start() });

export const drained = uploadScenario({
  name: 'upload of 100 MB drained',
  byteCount: 100_000_000,
  perUpload: 1,
  variants: [
    byUs(drainByUs),
    byOthers('busboy', drainBy(busboy)),
    byOthers(
      '@fastify/busboy',
      drainBy((config) => new fastifyBusboy(config as never)),
    ),
  ],
  compare: [
    { ours, rival: 'busboy', atLeast: 1.8 },
    { ours, rival: '@fastify/busboy', atLeast: 1 },
  ],
  bounds: [{ variant: ours, metric: peak, atMost: 32 }],
});

export const toDisk = uploadScenario({
  name: 'upload of 100 MB to disk',
  byteCount: 100_000_000,
  perUpload: 1,
  variants: [
    started(ours, () => byUs(form({ dest: folder() }).single('f'), answerAndRemove)),
    started('multer', () => byOthers('multer', multer({ dest: folder() }).single('f'), answerAndRemove)),
  ],
  compare: [{ ours, rival: 'multer', atLeast: 2.5 }],
});

export const toMemory = uploadScenario({
  name: 'upload of 1 MB to memory',
  byteCount: 1_000_000,
  perUpload: 100,
  variants: [
    byUs(form({ storage: memoryStorage() }).single('f'), answerSize),
    byOthers('multer', multer().single('f'), answerSize),
  ],
  compare: [{ ours, rival: 'multer', atLeast: 2.2 }],
});

export const atOnce = uploadScenario({
  name: '1,000 uploads of 900 KiB at once',
  byteCount: 921_600,
  perUpload: 125,
  connections: 1_000,
  variants: [started(ours, () => byUs(form({ tempDir: folder() }).single('f'), answerSize))],
  compare: [],
  bounds: [{ variant: ours, metric: peak, atMost: 128 }],
});

export const scenarios = [drained, toDisk, toMemory, atOnce];
