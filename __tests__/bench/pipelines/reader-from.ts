import { Readable } from 'node:stream';
import { PipeReader } from 'pipebody';
import { checkTotal, readToEnd } from './ends';
import { pipelinesScenario, timed, timeMetrics } from './pipelines-scenario';

const chunk = Buffer.alloc(65_536, 'x');

/** Chunks that arrive one in a turn of the event loop, as from a socket. */
function chunksInTurns(count: number): Readable {
  let left = count;
  return new Readable({
    read() {
      setImmediate(() => this.push(left-- > 0 ? chunk : null));
    },
  });
}

async function byPipeReader(count: number): Promise<void> {
  checkTotal(await readToEnd(PipeReader.from(chunksInTurns(count))), chunk.length * count);
}

async function byEvent(count: number): Promise<void> {
  const readable = chunksInTurns(count);
  let total = 0;
  readable.on('data', (piece: Buffer) => {
    total += piece.length;
  });
  await new Promise((resolve, reject) => readable.once('end', resolve).once('error', reject));
  checkTotal(total, chunk.length * count);
}

async function byIterator(count: number): Promise<void> {
  let total = 0;
  for await (const piece of chunksInTurns(count)) total += piece.length;
  checkTotal(total, chunk.length * count);
}

/** A stream read as a pipe, against the two ways of Node to read it. */
export const readerFrom = pipelinesScenario({
  name: 'PipeReader.from(readable)',
  file: __filename,
  metrics: timeMetrics('chunk'),
  operations: 20_000,
  variants: [
    timed('PipeReader.from', 'chunk', byPipeReader),
    timed("on('data')", 'chunk', byEvent),
    timed('for await', 'chunk', byIterator),
  ],
  compare: [
    { ours: 'PipeReader.from', rival: "on('data')", atLeast: 0.9 },
    { ours: 'PipeReader.from', rival: 'for await', atLeast: 1.3 },
  ],
});
