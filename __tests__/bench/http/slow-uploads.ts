import http from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createServer, type PipeRequest } from 'pipebody';
import { type Child, startChild } from '../runner/child';
import type { Metric, Sample } from '../runner/scenario';
import type { Settings } from '../runner/settings';
import { type ServerScenario, type ServerVariant, type Usage, withServer } from './http-scenario';

const name = 'slow-uploads';
const byteCount = 100_000_000;
const bytesPerMs = 1_000;
const connectionsAtFullScale = 1_000;
const secondsAtFullScale = 10;

/** What the process may hold: so much, and so much for each connection. */
const allowedBytes = 64 * 2 ** 20;
const allowedBytesPerConnection = 128 * 2 ** 10;

const byPipe = 'createServer + bodyReader';
const byIterator = 'node, for await';
const allowed = 'peak RSS / allowed, %';

const metrics: readonly Metric[] = [
  { name: 'peak RSS MiB', better: 'less', digits: 1 },
  { name: allowed, better: 'less', digits: 0 },
  { name: 'KB/s read of each', better: 'more', digits: 0 },
];

const variants: readonly ServerVariant[] = [
  { name: byPipe, start: () => createServer(route(readByPipe)).listen(0, '127.0.0.1') },
  { name: byIterator, start: () => http.createServer(route(readByIterator)).listen(0, '127.0.0.1') },
];

/** Bytes that the handlers of this process have read. */
let readBytes = 0;

/** A GET asks how much was read so far. */
function route<Request extends http.IncomingMessage>(read: (req: Request) => Promise<void>) {
  return (req: Request, res: http.ServerResponse): void => {
    if (req.method === 'GET') res.end(String(readBytes));
    else void read(req).finally(() => res.end());
  };
}

/** Waits as long as reading so many bytes takes at 1 MB/s. */
class Pace {
  readonly #begin = performance.now();
  #total = 0;

  async keep(byteLength: number): Promise<void> {
    readBytes += byteLength;
    this.#total += byteLength;
    await delay(Math.max(0, this.#begin + this.#total / bytesPerMs - performance.now()));
  }
}

async function readByPipe({ bodyReader }: PipeRequest): Promise<void> {
  const pace = new Pace();
  for (;;) {
    const { buffer, isCompleted } = await bodyReader.read();
    const { length } = buffer;
    // Given back before it waits, so that nothing is held meanwhile.
    bodyReader.advanceTo(buffer.end);
    if (isCompleted) return;
    await pace.keep(length);
  }
}

async function readByIterator(req: http.IncomingMessage): Promise<void> {
  const pace = new Pace();
  for await (const chunk of req) await pace.keep(chunk.length);
}

async function measure(server: Child, port: number, { scale }: Settings): Promise<Sample> {
  const connections = Math.round(connectionsAtFullScale * scale);
  const seconds = Math.max(1, secondsAtFullScale * scale);
  const clients = startChild(path.join(__dirname, 'slow-upload-child.ts'), []);
  try {
    await server.ask('watchMemory');
    await server.ask('begin');
    await clients.ask('begin', { port, byteCount, connections });
    const before = await readSoFar(port);
    await delay(seconds * 1_000);
    const read = (await readSoFar(port)) - before;
    const { peakRssBytes } = await server.ask<Usage>('end');
    return {
      'peak RSS MiB': peakRssBytes / 2 ** 20,
      [allowed]: (peakRssBytes / (allowedBytes + allowedBytesPerConnection * connections)) * 100,
      'KB/s read of each': read / 1_000 / seconds / connections,
    };
  } finally {
    clients.kill();
  }
}

async function readSoFar(port: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
}

/** Many large bodies that come faster than they are read: what a connection holds. */
export const slowUploads: ServerScenario = {
  suite: 'http',
  name,
  metrics,
  variants,
  compare: [{ ours: byPipe, rival: byIterator }],
  bounds: [{ variant: byPipe, metric: allowed, atMost: 100 }],
  open: async (settings) => ({
    measure: (variant) => withServer(__filename, name, variant, (server, port) => measure(server, port, settings)),
    close: () => {},
  }),
};
