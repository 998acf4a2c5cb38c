import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { TextWriter } from './text-writer';
import { toJson, type WriteValuesOptions, writeValues } from './write-values';

/** Writes one value as JSON and flushes it. What JSON does not know is written as null. Does not complete the writer. */
export async function writeJson(writer: PipeWriter, value: unknown, options: WaitOptions = {}): Promise<FlushResult> {
  const text = new TextWriter(writer);
  await text.write(toJson(value), options);
  return text.flush(options);
}

/**
 * Writes values as NDJSON (JSON Lines): one JSON text a line.
 *
 * At the pace of the reader; flushed by 16 KiB, and by time. The producer is stopped when nobody reads any more, which the
 * result says by `isCompleted`, and the writer is completed with the error when it fails or the signal is aborted.
 * Otherwise the writer is left open: complete it, or go on. So it is when the producer fails before anything was written:
 * a response has not started then, and an error handler can answer.
 */
export function writeJsonLines(
  writer: PipeWriter,
  values: Iterable<unknown> | AsyncIterable<unknown>,
  options: WriteValuesOptions = {},
): Promise<FlushResult> {
  return writeValues(writer, values, { begin: '', between: '', behind: '\n', end: '' }, options);
}

/** Writes values as one JSON array, otherwise as {@link writeJsonLines}. */
export function writeJsonArray(
  writer: PipeWriter,
  values: Iterable<unknown> | AsyncIterable<unknown>,
  options: WriteValuesOptions = {},
): Promise<FlushResult> {
  return writeValues(writer, values, { begin: '[', between: ',', behind: '', end: ']' }, options);
}
