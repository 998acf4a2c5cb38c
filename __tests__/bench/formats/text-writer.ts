import { Writable } from 'node:stream';
import { PipeWriter, TextWriter } from 'pipebody';
import { pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';

const line = 'x'.repeat(100);

/** Takes what it gets in a later turn, as sockets and files do. */
class SlowWritable extends Writable {
  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    setImmediate(callback);
  }
}

/** Takes what it gets at once: nothing is ever queued. */
class NullWritable extends Writable {
  override _write(_chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    callback();
  }
}

async function byTextWriter(destination: Writable, count: number): Promise<void> {
  const writer = PipeWriter.from(destination);
  const text = new TextWriter(writer);
  for (let index = 0; index < count; index++) await text.write(line);
  await text.flush();
  await writer.complete();
}

async function byWritable(destination: Writable, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    if (!destination.write(line)) await new Promise((resolve) => destination.once('drain', resolve));
  }
  await new Promise<void>((resolve) => destination.end(resolve));
}

const metric = 'CPU ns/write';

export const textWriter = pipelinesScenario({
  suite: 'formats',
  name: 'TextWriter, strings of 100 bytes',
  file: __filename,
  metrics: timeMetrics('write'),
  operations: 200_000,
  variants: [
    timed('TextWriter', 'write', (count) => byTextWriter(new SlowWritable(), count)),
    timed('writable.write', 'write', (count) => byWritable(new SlowWritable(), count)),
    timed('TextWriter, null device', 'write', (count) => byTextWriter(new NullWritable(), count)),
    timed('writable.write, null device', 'write', (count) => byWritable(new NullWritable(), count)),
  ],
  compare: [
    { ours: 'TextWriter', rival: 'writable.write', atLeast: 3, metric },
    { ours: 'TextWriter, null device', rival: 'writable.write, null device', metric },
  ],
});
