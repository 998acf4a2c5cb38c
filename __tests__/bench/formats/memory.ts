import { Pipe, PipeReader, readJsonArray, readJsonLines, readLineBatches, readLines, writeJsonLines } from 'pipebody';
import { readToEnd } from '../pipelines/ends';
import { MemoryWatch, memoryMetrics } from '../pipelines/memory';
import { type CodeScenario, pipelinesScenario } from '../pipelines/pipelines-scenario';
import { chunkSize, cut, streamOf } from './bodies';
import { jsonOf } from './records';

const chunksInGibibyte = 2 ** 30 / chunkSize;
const chunksToWarmUp = 512;
const sampleEvery = 1_000;

async function watchItems(items: AsyncIterable<unknown>, watch: MemoryWatch): Promise<void> {
  let count = 0;
  for await (const _item of items) {
    if (count++ % sampleEvery === 0) watch.sample();
  }
}

async function watchWriting(text: string, count: number, watch: MemoryWatch): Promise<void> {
  const { reader, writer } = new Pipe();
  const read = readToEnd(reader);
  const values = (function* () {
    const value = JSON.parse(text);
    for (let left = (count * chunkSize) / text.length; left > 0; left -= 1) {
      if (Math.floor(left) % sampleEvery === 0) watch.sample();
      yield value;
    }
  })();
  await writeJsonLines(writer, values);
  await writer.complete();
  await read;
}

/** Whole records, so that a body may repeat them. */
const [first = ''] = jsonOf('middle', 1);
const lines = cut(Buffer.from(`${first}\n`.repeat(Math.floor((16 * chunkSize) / (first.length + 1)))));

async function* arrayOf(count: number): AsyncGenerator<Buffer> {
  const elements = Buffer.from(`${first},`.repeat(Math.floor(chunkSize / (first.length + 1))));
  yield Buffer.from('[');
  for (let left = count; left > 0; left -= 1) yield elements;
  yield Buffer.from(`${first}]`);
}

function memoryOf(name: string, run: (count: number, watch: MemoryWatch) => Promise<void>): CodeScenario {
  return pipelinesScenario({
    suite: 'formats',
    name: `1 GiB of ${name}`,
    file: __filename,
    metrics: memoryMetrics,
    operations: chunksInGibibyte,
    ownProcesses: true,
    variants: [
      {
        name,
        run: async (count) => {
          await run(chunksToWarmUp, new MemoryWatch());
          const watch = new MemoryWatch();
          await run(count, watch);
          return watch.peaks;
        },
      },
    ],
    compare: [],
    bounds: memoryMetrics.map((metric) => ({ variant: name, metric: metric.name, atMost: 48 })),
  });
}

/** Ends with a whole line. */
const source = (count: number) => PipeReader.from(streamOf(lines, Math.ceil(count / lines.length) * lines.length));

export const batches = memoryOf('lines in batches', (count, watch) =>
  watchItems(readLineBatches(source(count)), watch),
);
export const single = memoryOf('lines', (count, watch) => watchItems(readLines(source(count)), watch));
export const values = memoryOf('NDJSON', (count, watch) => watchItems(readJsonLines(source(count)), watch));
export const elements = memoryOf('JSON array', (count, watch) =>
  watchItems(readJsonArray(PipeReader.from(arrayOf(count))), watch),
);
export const written = memoryOf('written NDJSON', (count, watch) => watchWriting(first, count, watch));
