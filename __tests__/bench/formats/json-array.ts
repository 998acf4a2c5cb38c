import { PipeReader, readJsonArray } from 'pipebody';
import { type CodeScenario, pipelinesScenario, timed, timeMetrics } from '../pipelines/pipelines-scenario';
import { chunkSize, countEvents, countItems, cut, streamOf } from './bodies';
import { jsonOf } from './records';

const metric = 'CPU ns/chunk';
const mebibytes = 32;

async function bufferAll(chunks: readonly Buffer[]): Promise<number> {
  const received: Buffer[] = [];
  for await (const chunk of streamOf(chunks)) received.push(chunk as Buffer);
  let count = 0;
  for (const _element of JSON.parse(Buffer.concat(received).toString())) count += 1;
  return count;
}

async function byStreamJson(chunks: readonly Buffer[]): Promise<number> {
  const { default: streamArray } = await import('stream-json/streamers/stream-array.js');
  return countEvents(streamOf(chunks).pipe(streamArray.withParserAsStream() as unknown as NodeJS.ReadWriteStream));
}

/** One array of 32 MiB: buffering costs more the more there is. */
function scenarioOf(kind: string): CodeScenario {
  let made: readonly Buffer[] = [];
  const bodyOf = (operations: number) => {
    if (made.length < operations) made = cut(Buffer.from(`[${jsonOf(kind, operations * chunkSize).join(',')}]`));
    return made;
  };
  const reading = (name: string, readOne: (chunks: readonly Buffer[]) => Promise<unknown>) =>
    timed(name, 'chunk', async (operations) => void (await readOne(bodyOf(operations))));
  return pipelinesScenario({
    suite: 'formats',
    name: `JSON array, ${kind} elements`,
    file: __filename,
    metrics: timeMetrics('chunk'),
    operations: mebibytes * 16,
    variants: [
      reading('readJsonArray', (chunks) => countItems(readJsonArray(PipeReader.from(streamOf(chunks))))),
      reading('Buffer.concat and JSON.parse', bufferAll),
      reading('stream-json', byStreamJson),
    ],
    compare: [
      { ours: 'readJsonArray', rival: 'stream-json', atLeast: 8, metric },
      { ours: 'readJsonArray', rival: 'Buffer.concat and JSON.parse', atLeast: 1, metric },
    ],
  });
}

export const small = scenarioOf('small');
export const middle = scenarioOf('middle');
export const large = scenarioOf('large');
