import { PipeReader, readLines } from 'pipebody';
import { pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';
import { chunkSize, countItems, streamOf } from './bodies';

const chunk = Buffer.alloc(chunkSize, 'x');

/** One line of so many MiB; `operations` are MiB. */
function readOne(mebibytes: number): (operations: number) => Promise<void> {
  return async (operations) => {
    for (let left = operations; left > 0; left -= mebibytes) {
      const reader = PipeReader.from(streamOf([chunk], (mebibytes * 2 ** 20) / chunkSize));
      await countItems(readLines(reader, { maxLineLength: 2 ** 30 }));
    }
  };
}

/** Twice the line may take 2.2 times as long. 500 MB/s are 2,097,152 ns a MiB. */
export const longLine = pipelinesScenario({
  suite: 'formats',
  name: 'one long line',
  file: __filename,
  metrics: timeMetrics('MiB'),
  operations: 64,
  variants: [timed('32 MiB', 'MiB', readOne(32)), timed('64 MiB', 'MiB', readOne(64))],
  compare: [{ ours: '64 MiB', rival: '32 MiB', atLeast: Math.round((2 / 2.2) * 100) / 100, metric: 'CPU ns/MiB' }],
  bounds: [{ variant: '32 MiB', metric: 'CPU ns/MiB', atMost: 2_097_152 }],
});
