import { PipeReader, readJsonLines } from 'pipebody';
import split2 from 'split2';
import { type CodeScenario, pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';
import { countEvents, countItems, cut, streamOf } from './bodies';
import { jsonOf } from './records';

const metric = 'CPU ns/chunk';

function scenarioOf(kind: string): CodeScenario {
  const chunks = cut(Buffer.from(`${jsonOf(kind, 2 ** 20).join('\n')}\n`));
  return pipelinesScenario({
    suite: 'formats',
    name: `NDJSON, ${kind} records`,
    file: __filename,
    metrics: timeMetrics('chunk'),
    operations: 12 * chunks.length,
    variants: [
      timed('readJsonLines', 'chunk', async (count) => {
        await repeat(count, () => countItems(readJsonLines(PipeReader.from(streamOf(chunks)))));
      }),
      timed('split2(JSON.parse)', 'chunk', async (count) => {
        await repeat(count, () => countEvents(streamOf(chunks).pipe(split2(JSON.parse))));
      }),
      timed('split2(JSON.parse), iterated', 'chunk', async (count) => {
        await repeat(count, () => countItems(streamOf(chunks).pipe(split2(JSON.parse))));
      }),
    ],
    compare: [
      { ours: 'readJsonLines', rival: 'split2(JSON.parse)', metric },
      { ours: 'readJsonLines', rival: 'split2(JSON.parse), iterated', atLeast: 1.2, metric },
    ],
  });

  async function repeat(count: number, readOne: () => Promise<unknown>): Promise<void> {
    for (let left = count; left > 0; left -= chunks.length) await readOne();
  }
}

export const small = scenarioOf('small');
export const middle = scenarioOf('middle');
export const large = scenarioOf('large');
