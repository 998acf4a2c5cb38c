import type { PipeReader } from '../pipelines/pipe-reader';
import { tooManyLines } from './errors';
import { type CollectLinesOptions, resolveMaxLines } from './read-all-lines';
import { jsonLineSource, type ReadJsonLinesOptions } from './read-json-lines';

/** All values of the rest of the body. */
export async function readAllJsonLines<Value = unknown>(
  reader: PipeReader,
  options: ReadJsonLinesOptions<Value> & CollectLinesOptions,
): Promise<Value[]> {
  const maxLines = resolveMaxLines(options);
  const { lines, values } = jsonLineSource(reader, options);
  const batches: (readonly Value[])[] = [];
  for (let batch = await values.read(); batch !== undefined; batch = await values.read()) {
    values.leave(batch.length);
    if (lines.lineNumber > maxLines + 1) throw tooManyLines(maxLines);
    batches.push(batch);
  }
  return batches.flat() as Value[];
}
