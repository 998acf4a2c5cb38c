import type { PipeReader } from '../pipelines/pipe-reader';
import { BatchIterator } from './batch-iterator';
import { type JsonLineOptions, JsonLineSource } from './json-line-source';
import { type ReadLinesOptions, resolveLineOptions } from './line-settings';
import { LineSource } from './line-source';
import { checkProtoPoisoning } from './proto-poisoning';
import { checkSchema } from './standard-schema';

/** Options of {@link readJsonLines}. `onProtoPoisoning` is `'ignore'` unless said otherwise. */
export interface ReadJsonLinesOptions<Value> extends Omit<ReadLinesOptions, 'eol'>, JsonLineOptions<Value> {}

/**
 * The values of NDJSON (JSON Lines), one at a time: one JSON text a line.
 *
 * A line that is no JSON is a 400, `entity.parse.failed`, with its `line`; so is an empty one, unless `skipEmpty` is set. The
 * values before it are handed out first. Leaving the loop, by an error too, leaves the reader at the first line whose
 * value was not handed out.
 */
export function readJsonLines<Value = unknown>(
  reader: PipeReader,
  options: ReadJsonLinesOptions<Value> = {},
): AsyncIterableIterator<Value> {
  return new BatchIterator(jsonLineSource(reader, options).values);
}

/** The values and the lines that they come from. Refuses bad options at once. */
export function jsonLineSource<Value>(reader: PipeReader, options: ReadJsonLinesOptions<Value>) {
  checkSchema(options.schema);
  checkProtoPoisoning(options.onProtoPoisoning);
  const lines = new LineSource(reader, resolveLineOptions(options));
  return { lines, values: new JsonLineSource<Value>(lines, options) };
}
