import readline from 'node:readline';
import { PipeReader, readLineBatches, readLines } from 'pipebody';
import split2 from 'split2';
import { type CodeScenario, pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';
import type { Comparison } from '../runner/scenario';
import { chunksOf, countEvents, countItems, streamOf } from './bodies';

async function countBatched(chunks: readonly Buffer[], count: number): Promise<number> {
  let lines = 0;
  for await (const batch of readLineBatches(PipeReader.from(streamOf(chunks, count)))) lines += batch.length;
  return lines;
}

const metric = 'CPU ns/chunk';

/** What is wanted of us: split2 hands out lines by events or as an iterator, and so do we. */
const compare = (batches: number, lines: number): Comparison[] => [
  { ours: 'readLineBatches', rival: 'split2', atLeast: batches, metric },
  { ours: 'readLineBatches', rival: 'split2, iterated', metric },
  { ours: 'readLines', rival: 'split2', metric },
  { ours: 'readLines', rival: 'split2, iterated', atLeast: lines, metric },
  { ours: 'readLines', rival: 'readline, iterated', atLeast: 2, metric },
];

function scenarioOf(name: string, line: string, wanted: Comparison[]): CodeScenario {
  const chunks = chunksOf(line);
  return pipelinesScenario({
    suite: 'formats',
    name: `lines, ${name}`,
    file: __filename,
    metrics: timeMetrics('chunk'),
    operations: 400,
    variants: [
      timed('readLineBatches', 'chunk', async (count) => void (await countBatched(chunks, count))),
      timed('readLines', 'chunk', async (count) => {
        await countItems(readLines(PipeReader.from(streamOf(chunks, count))));
      }),
      timed('split2', 'chunk', async (count) => {
        await countEvents(streamOf(chunks, count).pipe(split2()));
      }),
      timed('split2, iterated', 'chunk', async (count) => {
        await countItems(streamOf(chunks, count).pipe(split2()));
      }),
      timed('readline, iterated', 'chunk', async (count) => {
        await countItems(readline.createInterface({ input: streamOf(chunks, count), crlfDelay: Infinity }));
      }),
    ],
    compare: wanted,
  });
}

const ofBytes = (length: number) => `${'x'.repeat(length - 1)}\n`;

export const short = scenarioOf('20 bytes of ASCII', ofBytes(20), compare(3, 1));
export const middle = scenarioOf('100 bytes of ASCII', ofBytes(100), compare(3, 1.5));
export const long = scenarioOf('1,000 bytes of ASCII', ofBytes(1_000), compare(3, 1.5));
export const mixed = scenarioOf(
  '100 bytes of mixed text',
  `${'xyz '.repeat(20)}é€ ${'y'.repeat(13)}\n`,
  compare(3, 1.5),
);
export const cyrillic = scenarioOf(
  'Cyrillic',
  'Съешь же ещё этих мягких французских булок да выпей чаю\n',
  compare(6, 1.5),
);
