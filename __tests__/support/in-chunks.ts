import fc from 'fast-check';
import { Pipe, PipeReader } from 'pipebody';
import { PoisoningPool } from './poisoning-pool';

/** A reader that gets the chunks one at a time. */
export function inChunks(chunks: readonly Uint8Array[]): PipeReader {
  return PipeReader.from(
    (async function* () {
      yield* chunks;
    })(),
  );
}

/** A reader over memory that is overwritten as soon as it is given back. */
export function inPoisonedChunks(chunks: readonly Uint8Array[]): PipeReader {
  const { reader, writer } = new Pipe({ minimumSegmentSize: 16, pool: new PoisoningPool() });
  const write = async () => {
    for (const chunk of chunks) if ((await writer.write(chunk)).isCompleted) break;
    await writer.complete();
  };
  void write();
  return reader;
}

/** The chunks that bytes become when they are cut at some places. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

/** Where to cut. */
export const places = fc.array(fc.nat(10_000), { maxLength: 8 });

/** All ways to cut bytes into two, and all bytes apart. */
export function allCuts(bytes: Buffer): Buffer[][] {
  const inTwo = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [...inTwo, Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))];
}

/** Everything that an iterable gives, and the error that it ends with. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<{ items: Item[]; error?: unknown }> {
  const collected: Item[] = [];
  try {
    for await (const item of items) collected.push(item);
  } catch (error) {
    return { items: collected, error };
  }
  return { items: collected };
}
