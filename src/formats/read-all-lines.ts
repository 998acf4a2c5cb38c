import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import { tooManyLines } from './errors';
import { type ReadLinesOptions, resolveLineOptions } from './line-settings';
import { LineSource } from './line-source';

/** Options of everything that collects lines. */
export interface CollectLinesOptions {
  /** Lines at most, empty ones too; more are a 413, `lines.too.many`. Default 1,048,576. */
  maxLines?: number;
  /** Leave out empty lines. Default false. */
  skipEmpty?: boolean;
}

export const defaultMaxLines = 1_048_576;

/** Refuses what is no number of lines with a `RangeError`. */
export function resolveMaxLines({ maxLines = defaultMaxLines }: CollectLinesOptions): number {
  checkSize('maxLines', maxLines, 0);
  return maxLines;
}

/** All lines of the rest of the body. */
export async function readAllLines(
  reader: PipeReader,
  options: ReadLinesOptions & CollectLinesOptions,
): Promise<string[]> {
  const { skipEmpty = false } = options;
  const maxLines = resolveMaxLines(options);
  const source = new LineSource(reader, resolveLineOptions(options));
  const all: string[] = [];
  for (let lines = await source.read(); lines !== undefined; lines = await source.read()) {
    source.leave(lines.length);
    if (source.lineNumber > maxLines + 1) throw tooManyLines(maxLines);
    // Not flat() at the end, which takes three times as long, all of it in one turn.
    for (const line of lines) if (!skipEmpty || line !== '') all.push(line);
  }
  return all;
}
