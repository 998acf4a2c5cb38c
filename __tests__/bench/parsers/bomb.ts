import { once } from 'node:events';
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip } from 'node:zlib';
import { createServer, json } from 'pipebody';
import type { CodeScenario } from '../pipelines/pipelines-scenario';
import { pipelinesScenario } from '../pipelines/pipelines-scenario';

const ours = "json({ limit: '100kb' })";

async function makeBomb(): Promise<Buffer> {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  const zeros = Buffer.alloc(1_048_576);
  for (let index = 0; index < 100; index++) if (!gzip.write(zeros)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(pieces);
}

let made: Promise<{ bomb: Buffer; server: http.Server }> | undefined;

async function make() {
  const parser = json({ limit: '100kb' });
  const server = createServer((req: http.IncomingMessage, res: http.ServerResponse) => {
    parser(req, res, (error) => {
      res.statusCode = (error as { status?: number } | undefined)?.status ?? 200;
      res.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { bomb: await makeBomb(), server };
}

/** 100 MiB in 100 KB: how long until the 413, and what it takes meanwhile. */
export const bomb: CodeScenario = pipelinesScenario({
  suite: 'parsers',
  name: 'gzip bomb of 100 MiB',
  file: __filename,
  operations: 1,
  metrics: [
    { name: 'ms', better: 'less', digits: 1 },
    { name: 'RSS MiB', better: 'less', digits: 1 },
  ],
  variants: [
    {
      name: ours,
      run: async () => {
        made ??= make();
        const { bomb: body, server } = await made;
        const idle = process.memoryUsage.rss();
        const begin = performance.now();
        const { status } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
          body,
        });
        if (status !== 413) throw new Error(`It answered ${status}.`);
        return { ms: performance.now() - begin, 'RSS MiB': (process.memoryUsage.rss() - idle) / 2 ** 20 };
      },
    },
  ],
  compare: [],
  bounds: [
    { variant: ours, metric: 'ms', atMost: 50 },
    { variant: ours, metric: 'RSS MiB', atMost: 8 },
  ],
});
