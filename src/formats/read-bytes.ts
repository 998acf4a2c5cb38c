import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { entityTooLarge } from './errors';

/** Options of {@link readBytes}. */
export interface ReadBytesOptions extends WaitOptions {
  /** Bytes at most; more is a 413, `entity.too.large`. Default 102,400 (100 KiB). */
  limit?: number | undefined;
}

/** Bytes of a body that is read whole, unless said otherwise: as body-parser. */
export const defaultLimit = 102_400;

/**
 * The rest of the body, joined only when it came in several chunks. Refused as soon as it is longer than `limit` bytes;
 * what was read stays with the reader then. A limit that is no whole number of bytes is a `RangeError`.
 */
export function readBytes(reader: PipeReader, options: ReadBytesOptions = {}): Promise<Buffer> {
  return readWhole(reader, options, (bytes) => bytes);
}

/** What `use` makes of {@link readBytes}. One promise less than `then()`, which a small request feels. */
export async function readWhole<Value>(
  reader: PipeReader,
  options: ReadBytesOptions,
  use: (bytes: Buffer) => Value | Promise<Value>,
): Promise<Value> {
  const { limit = defaultLimit } = options;
  checkSize('limit', limit, 0);
  for (;;) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read(options));
    if (buffer.length > limit) {
      reader.advanceTo(buffer.start, buffer.end);
      throw entityTooLarge(limit, buffer.length);
    }
    if (!isCompleted) {
      reader.advanceTo(buffer.start, buffer.end);
      continue;
    }
    const bytes = buffer.toStableBuffer();
    reader.advanceTo(buffer.end);
    return use(bytes);
  }
}
