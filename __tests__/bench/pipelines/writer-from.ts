import { Writable } from 'node:stream';
import { PipeWriter } from 'pipebody';
import { checkTotal } from './ends';
import { pipelinesScenario, timed, timeMetrics } from './pipelines-scenario';

const line = Buffer.alloc(100, 'x');
const writesInResponse = 10_000;
const flushEveryBytes = 16_384;

/** Takes everything and counts it. */
class NullWritable extends Writable {
  total = 0;

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.total += chunk.length;
    callback();
  }
}

async function byPipeWriter(destination: Writable): Promise<void> {
  const writer = PipeWriter.from(destination);
  for (let index = 0; index < writesInResponse; index++) {
    writer.getMemory(line.length).set(line);
    writer.advance(line.length);
    if (writer.unflushedBytes >= flushEveryBytes) await writer.flush();
  }
  await writer.complete();
}

async function byWritable(destination: Writable): Promise<void> {
  for (let index = 0; index < writesInResponse; index++) {
    if (!destination.write(line)) await new Promise((resolve) => destination.once('drain', resolve));
  }
  await new Promise<void>((resolve) => destination.end(resolve));
}

/** Some responses, each of 10,000 writes; `operations` are writes. */
async function repeat(operations: number, writeAll: (destination: Writable) => Promise<void>): Promise<void> {
  for (let left = operations; left > 0; left -= writesInResponse) {
    const destination = new NullWritable();
    await writeAll(destination);
    checkTotal(destination.total, writesInResponse * line.length);
  }
}

/** Many small writes, collected in the writer's memory. */
export const writerFrom = pipelinesScenario({
  name: 'PipeWriter.from(writable), 10,000 writes of 100 bytes',
  file: __filename,
  metrics: timeMetrics('write'),
  operations: 60 * writesInResponse,
  variants: [
    timed('getMemory and advance', 'write', (operations) => repeat(operations, byPipeWriter)),
    timed('writable.write', 'write', (operations) => repeat(operations, byWritable)),
  ],
  compare: [{ ours: 'getMemory and advance', rival: 'writable.write', atLeast: 5 }],
});
