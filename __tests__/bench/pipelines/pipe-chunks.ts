import { PassThrough } from 'node:stream';
import { Pipe } from 'pipebody';
import { checkTotal, readToEnd, writeChunks } from './ends';
import { type CodeScenario, pipelinesScenario, timed, timeMetrics } from './pipelines-scenario';

async function throughPipe(chunk: Buffer, count: number): Promise<void> {
  const { reader, writer } = new Pipe();
  const [total] = await Promise.all([readToEnd(reader), writeChunks(writer, chunk, count)]);
  checkTotal(total, chunk.length * count);
}

async function throughPassThrough(chunk: Buffer, count: number, prepare: (chunk: Buffer) => Buffer): Promise<void> {
  const stream = new PassThrough();
  let total = 0;
  stream.on('data', (piece: Buffer) => {
    total += piece.length;
  });
  const ended = new Promise((resolve, reject) => stream.once('end', resolve).once('error', reject));
  for (let index = 0; index < count; index++) {
    if (!stream.write(prepare(chunk))) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await ended;
  checkTotal(total, chunk.length * count);
}

/** The same ends as those of a pipe: every write is awaited, and so is every read. */
async function throughPulled(chunk: Buffer, count: number): Promise<void> {
  const stream = new PassThrough();
  let total = 0;
  const read = (async () => {
    for await (const piece of stream) total += (piece as Buffer).length;
  })();
  for (let index = 0; index < count; index++) await new Promise((resolve) => stream.write(chunk, resolve));
  stream.end();
  await read;
  checkTotal(total, chunk.length * count);
}

// A PassThrough hands on the chunk itself, which its writer must not reuse. A pipe copies: to compare what both do, a
// copy is made for the PassThrough too.
const asItIs = (chunk: Buffer) => chunk;
const copyOf = (chunk: Buffer) => Buffer.from(chunk);

function scenarioOf(kibibytes: number, operations: number): CodeScenario {
  const chunk = Buffer.alloc(kibibytes * 1_024, 'x');
  return pipelinesScenario({
    name: `Pipe, chunks of ${kibibytes} KiB`,
    file: __filename,
    metrics: timeMetrics('chunk'),
    operations,
    variants: [
      timed('Pipe', 'chunk', (count) => throughPipe(chunk, count)),
      timed('PassThrough', 'chunk', (count) => throughPassThrough(chunk, count, asItIs)),
      timed('PassThrough, awaited', 'chunk', (count) => throughPulled(chunk, count)),
      timed('PassThrough, copies', 'chunk', (count) => throughPassThrough(chunk, count, copyOf)),
    ],
    compare: [
      { ours: 'Pipe', rival: 'PassThrough, awaited', atLeast: 2 },
      { ours: 'Pipe', rival: 'PassThrough', atLeast: 2 },
      { ours: 'Pipe', rival: 'PassThrough, copies' },
    ],
  });
}

/** Write, flush, read, advance: the whole way of a chunk. */
export const smallChunks = scenarioOf(1, 50_000);

/** The same with as much in a chunk as the pipe holds before it makes the writer wait. */
export const largeChunks = scenarioOf(64, 10_000);
