import { setImmediate } from 'node:timers/promises';
import type { PipeReader, PipeWriter } from 'pipebody';

/** Writes a chunk so many times, and completes the writer. */
export async function writeChunks(writer: PipeWriter, chunk: Buffer, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await writer.write(chunk);
  await writer.complete();
}

/** Reads to the end, and completes the reader. Gives the number of bytes. */
export async function readToEnd(reader: PipeReader): Promise<number> {
  for (let total = 0; ; ) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
    total += buffer.length;
    reader.advanceTo(buffer.end);
    if (isCompleted) {
      await reader.complete();
      return total;
    }
  }
}

/** A measurement of something that lost bytes is none. */
export function checkTotal(total: number, expected: number): void {
  if (total !== expected) throw new Error(`${total} bytes came through instead of ${expected}.`);
}

/** Gives way to everything else so many times. */
export async function waitTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}
