import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import { checkSize } from '../pipelines/pipe-options';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { lineTooLong } from './errors';

export interface ReadLinesOptions extends WaitOptions {
  /** Bytes of a line at most, its end not counted; a longer one is a 413, `line.too.long`. Default 1,048,576 (1 MiB). */
  maxLineLength?: number;
}

export const defaultMaxLineLength = 1_048_576;

const lineFeed = 10;

/**
 * The lines of a text in UTF-8, as many at once as one read brought.
 *
 * A line ends with LF; a CR before it is not part of the line. A last line without LF counts, an empty rest does not.
 * Leaving the loop leaves the reader at the first line that was not handed out.
 */
export async function* readLineBatches(
  reader: PipeReader,
  options: ReadLinesOptions = {},
): AsyncIterableIterator<string[]> {
  const { maxLineLength = defaultMaxLineLength } = options;
  checkSize('maxLineLength', maxLineLength, 0);
  let lineNumber = 1;
  let searched = 0;
  for (;;) {
    const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read(options));
    const end = isCompleted ? buffer.length : lastLineEnd(buffer, searched);
    let consumed = buffer.start;
    let lines: string[];
    try {
      lines = toLines(buffer.slice(0, end), maxLineLength, lineNumber);
      searched = buffer.length - end;
      // A CR that ends the line may be there already.
      if (searched > maxLineLength + 1) throw lineTooLong(lineNumber + lines.length, maxLineLength);
      consumed = buffer.getPosition(end);
    } finally {
      reader.advanceTo(consumed, buffer.end);
    }
    lineNumber += lines.length;
    if (lines.length > 0) yield lines;
    if (isCompleted) return;
  }
}

/** All lines of the rest of the body. */
export async function readAllLines(reader: PipeReader, options: ReadLinesOptions = {}): Promise<string[]> {
  const batches: string[][] = [];
  for await (const batch of readLineBatches(reader, options)) batches.push(batch);
  return batches.flat();
}

/** The offset after the last LF, which is not looked for before `from`; 0 when there is none. */
function lastLineEnd(buffer: ReadOnlySequence, from: number): number {
  let found = 0;
  let offset = from;
  for (const segment of buffer.slice(from)) {
    const index = segment.lastIndexOf(lineFeed);
    if (index !== -1) found = offset + index + 1;
    offset += segment.length;
  }
  return found;
}

function toLines(text: ReadOnlySequence, maxLineLength: number, lineNumber: number): string[] {
  if (text.isEmpty) return [];
  const lines = text.toString().split('\n');
  const last = lines.length - 1;
  for (let index = 0; index < last; index += 1) {
    const line = lines[index] as string;
    if (line.endsWith('\r')) lines[index] = line.slice(0, -1);
  }
  if (lines[last] === '') lines.pop();
  if (text.length > maxLineLength) checkLengths(lines, maxLineLength, lineNumber);
  return lines;
}

function checkLengths(lines: string[], maxLineLength: number, lineNumber: number): void {
  const tooLong = lines.findIndex((line) => Buffer.byteLength(line) > maxLineLength);
  if (tooLong !== -1) throw lineTooLong(lineNumber + tooLong, maxLineLength);
}
