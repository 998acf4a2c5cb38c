import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import express, { type Request, type Response } from 'express';
import { json, pipeBody } from 'pipebody';
import { listen } from './listen';
import { splitBetter, splitByBatches, splitFromPipe, splitNaively } from './parts/line-splitters';

// The lines of a body in four ways, and what each takes.

const maxBytes = 268_435_456;
const line = Buffer.from(`${'A line of some length, as logs have them. '.repeat(2)}\n`);
const ways: Record<string, (req: Request) => Promise<string[]>> = {
  naive: (req) => splitNaively(req.body),
  better: (req) => splitBetter(req.body),
  pipe: (req) => splitFromPipe(req.bodyReader),
  batches: (req) => splitByBatches(req.bodyReader),
};

const app = express();
app.use(pipeBody({ maxRequestBodySize: maxBytes }));
for (const [name, split] of Object.entries(ways)) {
  app.post(`/${name}`, async (req, res) => {
    res.json(await split(req));
  });
  app.post(`/measure/${name}`, (req, res) => measure(() => split(req), res));
}

/** The server sends itself a body of as many bytes, once for each way. Its time is the sender's, too. */
app.post('/table', json(), async (req, res) => {
  const bytes = Math.min(Number(req.body.bytes) || 0, maxBytes);
  res.type('text').write(`${bytes} bytes\nway      lines      CPU ms    MiB at most\n`);
  for (const name of Object.keys(ways)) {
    const answer = JSON.parse(await post(req.socket.localPort as number, `/measure/${name}`, bytes));
    const cells = [String(answer.lines).padEnd(10), String(answer.cpuMs).padEnd(9), answer.peakMiB];
    await res.writeAsync(`${name.padEnd(8)} ${cells.join(' ')}\n`);
  }
  res.end();
});

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function measure(split: () => Promise<string[]>, res: Response): Promise<void> {
  collectGarbage();
  const memory = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  const memoryBefore = memory();
  const cpuBefore = process.cpuUsage();
  let peak = 0;
  const sampling = setInterval(() => {
    peak = Math.max(peak, memory() - memoryBefore);
  }, 5);
  const { length } = await split().finally(() => clearInterval(sampling));
  const { user, system } = process.cpuUsage(cpuBefore);
  peak = Math.max(peak, memory() - memoryBefore);
  res.json({ lines: length, cpuMs: Math.round((user + system) / 1000), peakMiB: Math.round(peak / 1_048_576) });
}

async function post(port: number, path: string, bytes: number): Promise<string> {
  const chunk = Buffer.concat(Array<Buffer>(1000).fill(line));
  function* chunks() {
    for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
  }
  return new Promise((resolve, reject) => {
    const sent = request({ port, path, method: 'POST' }, (answer) => resolve(text(answer))).on('error', reject);
    Readable.from(chunks()).pipe(sent);
  });
}

listen(app, (url) => [
  ...Object.keys(ways).map((name) => `printf 'one\\ntwo\\r\\nthree' | curl --data-binary @- ${url}/${name}`),
  `curl -N --json '{"bytes":64000000}' ${url}/table`,
]);
