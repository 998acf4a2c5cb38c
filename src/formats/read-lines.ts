import type { PipeReader } from '../pipelines/pipe-reader';
import { BatchIterator } from './batch-iterator';
import { type ReadLinesOptions, resolveLineOptions } from './line-settings';
import { LineSource } from './line-source';

/**
 * The lines of a text, one at a time.
 *
 * A line ends with LF; a CR before it is not part of the line. A last line without LF counts, an empty rest does not, a
 * byte order mark at the start is dropped. A line longer than `maxLineLength` is a 413, `line.too.long`, after those
 * before it.
 *
 * Leaving the loop, by an error too, leaves the reader at the first line that was not handed out: another reader goes on
 * from there. Within the loop nobody else can read. A line that is kept keeps the text of its batch in memory, up to
 * 32 KiB: make a copy of the few that you keep of many.
 */
export function readLines(reader: PipeReader, options: ReadLinesOptions = {}): AsyncIterableIterator<string> {
  return new BatchIterator(new LineSource(reader, resolveLineOptions(options)));
}

/**
 * The same lines, as many at once as one read brought, and at most those in 32 KiB: several times as fast.
 *
 * A batch is consumed when it is handed out: leaving the loop leaves the reader behind it.
 */
export async function* readLineBatches(
  reader: PipeReader,
  options: ReadLinesOptions = {},
): AsyncIterableIterator<string[]> {
  const source = new LineSource(reader, resolveLineOptions(options));
  for (let lines = await source.read(); lines !== undefined; lines = await source.read()) {
    source.leave(lines.length);
    if (lines.length > 0) yield lines as string[];
  }
}
