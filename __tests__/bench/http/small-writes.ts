import http from 'node:http';
import { createServer, type PipeRequest, type PipeResponse } from 'pipebody';
import type { Child } from '../runner/child';
import type { Comparison, Metric, Sample } from '../runner/scenario';
import type { Settings } from '../runner/settings';
import { type ServerScenario, type ServerVariant, type Usage, withServer } from './http-scenario';

/** A response, and how it is cut into writes. */
interface Pieces {
  readonly piece: Buffer;
  readonly count: number;
}

type Answer = (res: PipeResponse, pieces: Pieces) => void | Promise<void>;

const tiny: Pieces = { piece: Buffer.alloc(100, 'x'), count: 10_000 };
const blocks: Pieces = { piece: Buffer.alloc(4_096, 'x'), count: 256 };

/** As much is left unflushed at most as leaves in one chunk. */
const flushBytes = 16_384;

const metrics: readonly Metric[] = [{ name: 'server CPU ms/response', better: 'less', digits: 2 }];

/** Ours and node's: the same calls. */
function byWrite(res: http.ServerResponse, { piece, count }: Pieces): void {
  for (let index = 0; index < count; index++) res.write(piece);
  res.end();
}

function byCork(res: http.ServerResponse, pieces: Pieces): void {
  res.cork();
  byWrite(res, pieces);
  res.uncork();
}

async function byAwaitedWrite({ bodyWriter }: PipeResponse, { piece, count }: Pieces): Promise<void> {
  for (let index = 0; index < count; index++) await bodyWriter.write(piece);
  await bodyWriter.complete();
}

async function byMemory({ bodyWriter }: PipeResponse, { piece, count }: Pieces): Promise<void> {
  for (let index = 0; index < count; index++) {
    bodyWriter.getMemory(piece.length).set(piece);
    bodyWriter.advance(piece.length);
    if (bodyWriter.unflushedBytes >= flushBytes) await bodyWriter.flush();
  }
  await bodyWriter.complete();
}

function nodeVariant(name: string, answer: Answer, pieces: Pieces): ServerVariant {
  const listener: http.RequestListener = (_req, res) => void answer(res as PipeResponse, pieces);
  return { name, start: () => http.createServer(listener).listen(0, '127.0.0.1') };
}

function ourVariant(name: string, answer: Answer, pieces: Pieces): ServerVariant {
  const listener = (_req: PipeRequest, res: PipeResponse) => void answer(res, pieces);
  return { name, start: () => createServer(listener).listen(0, '127.0.0.1') };
}

/** One connection, one response after the other; the client is the process that asks. */
async function measure(server: Child, port: number, { piece, count }: Pieces, settings: Settings): Promise<Sample> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const byteCount = piece.length * count;
  const responses = Math.max(50, Math.round(200 * settings.scale));
  try {
    for (let index = 0; index < responses; index++) await download(agent, port, byteCount);
    await server.ask('begin');
    for (let index = 0; index < responses; index++) await download(agent, port, byteCount);
    const { cpuMicros } = await server.ask<Usage>('end');
    return { 'server CPU ms/response': cpuMicros / 1_000 / responses };
  } finally {
    agent.destroy();
  }
}

function download(agent: http.Agent, port: number, byteCount: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, port, host: '127.0.0.1' }, (response) => {
      let received = 0;
      response.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      response.on('end', () => {
        if (received === byteCount) resolve();
        else reject(new Error(`Expected ${byteCount} bytes, the server sent ${received}.`));
      });
    });
    request.on('error', reject);
  });
}

function writesScenario(
  name: string,
  pieces: Pieces,
  variants: readonly ServerVariant[],
  compare: readonly Comparison[],
): ServerScenario {
  return {
    suite: 'http',
    name,
    metrics,
    variants,
    compare,
    open: async (settings) => ({
      measure: (variant) =>
        withServer(__filename, name, variant, (server, port) => measure(server, port, pieces, settings)),
      close: () => {},
    }),
  };
}

const rival = 'node res.write';
const corked = 'node res.write, corked';
const written = 'res.write';
const awaited = 'bodyWriter, write';
const advanced = 'bodyWriter, getMemory and advance';

/** A response of many tiny pieces: what each costs on its way. */
export const tinyWrites = writesScenario(
  '10,000 writes of 100 bytes',
  tiny,
  [
    nodeVariant(rival, byWrite, tiny),
    nodeVariant(corked, byCork, tiny),
    ourVariant(written, byWrite, tiny),
    ourVariant(awaited, byAwaitedWrite, tiny),
    ourVariant(advanced, byMemory, tiny),
  ],
  [
    { ours: written, rival, atLeast: 8 },
    { ours: awaited, rival, atLeast: 15 },
    { ours: advanced, rival, atLeast: 15 },
  ],
);

/** A response in pieces of the size in which files are read and templates are rendered. */
export const blockWrites = writesScenario(
  '1 MiB in 4 KiB writes',
  blocks,
  [
    nodeVariant(rival, byWrite, blocks),
    nodeVariant(corked, byCork, blocks),
    ourVariant(written, byWrite, blocks),
    ourVariant('res.write, corked', byCork, blocks),
    ourVariant(awaited, byAwaitedWrite, blocks),
    ourVariant(advanced, byMemory, blocks),
  ],
  [
    { ours: written, rival: corked, atLeast: 1 },
    { ours: 'res.write, corked', rival: corked, atLeast: 1 },
    { ours: awaited, rival: corked, atLeast: 1 },
    { ours: advanced, rival: corked, atLeast: 1 },
  ],
);
