import { Readable } from 'node:stream';

/** Bytes of a chunk, as sockets and files bring them. */
export const chunkSize = 65_536;

/** Chunks of a text that repeats; they are cut wherever 64 KiB end. */
export function chunksOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const repeated = Buffer.concat(Array.from({ length: Math.ceil((16 * chunkSize) / bytes.length) }, () => bytes));
  return cut(repeated);
}

/** A body in chunks; the last one may be shorter. */
export function cut(body: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(body.length / chunkSize) }, (_, index) =>
    body.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
}

/** A stream of so many chunks, again and again the same. */
export function streamOf(chunks: readonly Buffer[], count = chunks.length): Readable {
  let index = 0;
  return new Readable({
    highWaterMark: chunkSize,
    read() {
      this.push(index < count ? chunks[index++ % chunks.length] : null);
    },
  });
}

/** Counts what a stream gives as 'data' events. */
export function countEvents(stream: NodeJS.ReadableStream): Promise<number> {
  let count = 0;
  return new Promise((resolve, reject) => {
    stream.on('data', () => {
      count += 1;
    });
    stream.on('end', () => resolve(count)).on('error', reject);
  });
}

/** Counts what an iterable gives. */
export async function countItems(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _item of items) count += 1;
  return count;
}
