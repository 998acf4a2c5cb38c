import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { skipByteOrderMark } from './byte-order-mark';
import { bytesAfterArray, notAnArray } from './errors';
import { nextRead } from './next-read';

const openingBracket = 0x5b;
/** RFC 8259 §2: white space is these four characters. */
const isWhiteSpace = new Uint8Array(256);
for (const byte of Buffer.from(' \t\n\r')) isWhiteSpace[byte] = 1;

/** Consumes everything up to and with the bracket that opens the array: its bytes, a byte order mark not counted. */
export async function skipToElements(reader: PipeReader, options: WaitOptions): Promise<number> {
  await skipByteOrderMark(reader, 'utf-8', options);
  const { byteCount, next } = await skipWhiteSpace(reader, options);
  if (next !== openingBracket) throw notAnArray(byteCount);
  const { buffer } = await nextRead(reader, options);
  reader.advanceTo(buffer.getPosition(1));
  return byteCount + 1;
}

/** Reads on to the end of the text, where nothing but white space may follow the array. */
export async function expectEnd(reader: PipeReader, offset: number, options: WaitOptions): Promise<void> {
  const { byteCount, next } = await skipWhiteSpace(reader, options);
  if (next !== undefined) throw bytesAfterArray(offset + byteCount);
}

/** Consumes white space, and looks at the byte behind it: undefined is the end. */
async function skipWhiteSpace(reader: PipeReader, options: WaitOptions) {
  let byteCount = 0;
  for (;;) {
    const { buffer, isCompleted } = await nextRead(reader, options);
    const length = whiteSpaceLength(buffer);
    const next = buffer.at(length);
    reader.advanceTo(buffer.getPosition(length));
    byteCount += length;
    if (next !== undefined || isCompleted) return { byteCount, next };
  }
}

function whiteSpaceLength(buffer: ReadOnlySequence): number {
  let length = 0;
  for (const segment of buffer) {
    const index = whiteSpaceEnd(segment, 0, segment.length);
    length += index;
    if (index < segment.length) return length;
  }
  return length;
}

/** Where white space ends that begins at `start`. */
export function whiteSpaceEnd(bytes: Buffer, start: number, end: number): number {
  let index = start;
  while (index < end && isWhiteSpace[bytes[index] as number] === 1) index += 1;
  return index;
}
