import http from 'node:http';
import path from 'node:path';
import { createServer, type PipeReader, type PipeRequest } from 'pipebody';
import { type Child, startChild } from '../runner/child';
import type { Metric, Sample } from '../runner/scenario';
import type { Settings } from '../runner/settings';
import { type ServerScenario, type ServerVariant, type Usage, withServer } from './http-scenario';

const name = 'upload 100 MB';
const byteCount = 100_000_000;

const byEvent = "on('data')";
const byPipe = 'createServer + bodyReader';

const metrics: readonly Metric[] = [
  { name: 'server CPU ms/upload', better: 'less', digits: 1 },
  { name: 'MB/s', better: 'more', digits: 0 },
  { name: 'peak RSS over idle MiB', better: 'less', digits: 1 },
];

const variants: readonly ServerVariant[] = [
  { name: byEvent, start: () => http.createServer(countByEvent).listen(0, '127.0.0.1') },
  { name: byPipe, start: () => createServer(countByPipe).listen(0, '127.0.0.1') },
  { name: 'for await', start: () => http.createServer(countByIterator).listen(0, '127.0.0.1') },
];

function countByEvent(req: http.IncomingMessage, res: http.ServerResponse): void {
  let total = 0;
  req.on('data', (chunk: Buffer) => {
    total += chunk.length;
  });
  req.on('end', () => res.end(String(total)));
}

async function countByPipe(req: PipeRequest, res: http.ServerResponse): Promise<void> {
  res.end(String(await countBytes(req.bodyReader)));
}

async function countBytes(reader: PipeReader): Promise<number> {
  for (let total = 0; ; ) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
    total += buffer.length;
    reader.advanceTo(buffer.end);
    if (isCompleted) return total;
  }
}

async function countByIterator(req: http.IncomingMessage, res: http.ServerResponse): Promise<void> {
  let total = 0;
  for await (const chunk of req) total += chunk.length;
  res.end(String(total));
}

async function measure(server: Child, port: number, settings: Settings): Promise<Sample> {
  const client = startChild(path.join(__dirname, 'upload-child.ts'), []);
  const count = settings.uploads;
  try {
    await client.ask<number>('upload', { port, byteCount, count: Math.ceil(count / 2) });
    await server.ask('watchMemory');
    await server.ask('begin');
    const seconds = await client.ask<number>('upload', { port, byteCount, count });
    const { cpuMicros, rssOverIdleBytes } = await server.ask<Usage>('end');
    return {
      'server CPU ms/upload': cpuMicros / 1_000 / count,
      'MB/s': (byteCount * count) / 1e6 / seconds,
      'peak RSS over idle MiB': rssOverIdleBytes / 2 ** 20,
    };
  } finally {
    client.kill();
  }
}

/** A large body that is read and thrown away: what the bytes cost on their way. */
export const upload: ServerScenario = {
  suite: 'http',
  name,
  metrics,
  variants,
  compare: [{ ours: byPipe, rival: byEvent, atLeast: 1 }],
  open: async (settings) => ({
    measure: (variant) => withServer(__filename, name, variant, (server, port) => measure(server, port, settings)),
    close: () => {},
  }),
};
