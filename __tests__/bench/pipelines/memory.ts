import { PassThrough } from 'node:stream';
import { Pipe, type PipeReader } from 'pipebody';
import type { Metric, Sample } from '../runner/scenario';
import { checkTotal, waitTurns, writeChunks } from './ends';
import { pipelinesScenario } from './pipelines-scenario';

const chunk = Buffer.alloc(65_536, 'x');
const chunksInGibibyte = 2 ** 30 / chunk.length;
const chunksToWarmUp = 512;
/** The writer needs about one turn for a chunk. */
const turnsOfReader = 10;
const sampleEveryChunks = 16;

export const memoryMetrics: readonly Metric[] = [
  { name: 'peak RSS over idle MiB', better: 'less', digits: 1 },
  { name: 'peak external over idle MiB', better: 'less', digits: 1 },
];

/** Watches what the process holds, from one moment on. */
export class MemoryWatch {
  readonly #idle: NodeJS.MemoryUsage;
  #peakRss = 0;
  #peakExternal = 0;

  constructor() {
    globalThis.gc?.();
    this.#idle = process.memoryUsage();
  }

  sample(): void {
    const { rss, external } = process.memoryUsage();
    this.#peakRss = Math.max(this.#peakRss, rss - this.#idle.rss);
    this.#peakExternal = Math.max(this.#peakExternal, external - this.#idle.external);
  }

  get peaks(): Sample {
    return {
      'peak RSS over idle MiB': this.#peakRss / 2 ** 20,
      'peak external over idle MiB': this.#peakExternal / 2 ** 20,
    };
  }
}

async function throughPipe(count: number, watch: MemoryWatch): Promise<void> {
  const { reader, writer } = new Pipe();
  const [total] = await Promise.all([readSlowly(reader, watch), writeChunks(writer, chunk, count)]);
  checkTotal(total, chunk.length * count);
}

async function readSlowly(reader: PipeReader, watch: MemoryWatch): Promise<number> {
  for (let total = 0, reads = 0; ; reads++) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
    await waitTurns(turnsOfReader);
    if (reads % sampleEveryChunks === 0) watch.sample();
    total += buffer.length;
    reader.advanceTo(buffer.end);
    if (isCompleted) return total;
  }
}

async function throughPassThrough(count: number, watch: MemoryWatch): Promise<void> {
  const stream = new PassThrough();
  const write = async () => {
    for (let index = 0; index < count; index++) {
      // A copy, as the pipe makes one: a writer that reuses its memory must.
      if (!stream.write(Buffer.from(chunk))) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stream.end();
  };
  const [total] = await Promise.all([iterateSlowly(stream, watch), write()]);
  checkTotal(total, chunk.length * count);
}

async function iterateSlowly(stream: PassThrough, watch: MemoryWatch): Promise<number> {
  let total = 0;
  let reads = 0;
  for await (const piece of stream) {
    await waitTurns(turnsOfReader);
    if (reads++ % sampleEveryChunks === 0) watch.sample();
    total += piece.length;
  }
  return total;
}

/** Idle is the process once it has done the same for 32 MiB, so that compiled code and V8's young space are in. */
function watched(name: string, run: (count: number, watch: MemoryWatch) => Promise<void>) {
  return {
    name,
    run: async (count: number) => {
      await run(chunksToWarmUp, new MemoryWatch());
      const watch = new MemoryWatch();
      await run(count, watch);
      return watch.peaks;
    },
  };
}

/** 1 GiB with a reader that is ten times slower than the writer: back-pressure, or memory without bound. */
export const memory = pipelinesScenario({
  name: '1 GiB through a Pipe with a slow reader',
  file: __filename,
  metrics: memoryMetrics,
  operations: chunksInGibibyte,
  ownProcesses: true,
  variants: [watched('Pipe', throughPipe), watched('PassThrough', throughPassThrough)],
  compare: [],
  bounds: memoryMetrics.map(({ name }) => ({ variant: 'Pipe', metric: name, atMost: 8 })),
});
