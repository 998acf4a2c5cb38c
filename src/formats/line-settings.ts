import { checkSize } from '../pipelines/check-size';
import type { WaitOptions } from '../pipelines/results';
import { checkCharset } from './check-charset';
import { noLineEnd } from './errors';
import type { LineEnd } from './line-ends';

/** Options of everything that reads lines. */
export interface ReadLinesOptions extends WaitOptions {
  /** Bytes of a line at most, its end not counted; a longer one is a 413, `line.too.long`. Default 1,048,576 (1 MiB). */
  maxLineLength?: number;
  /** What ends a line: `'lf'` (default) means LF and CRLF, `'any'` a lone CR too. */
  eol?: LineEnd;
  /** The charset: UTF-8 (default), or one that iconv-lite knows. Another one is a `RangeError`. */
  charset?: string;
}

/** Options with every default filled in. */
export interface LineSettings extends WaitOptions {
  readonly maxLineLength: number;
  readonly eol: LineEnd;
  readonly charset: string;
}

export const defaultMaxLineLength = 1_048_576;

/** Refuses bad options with a `RangeError`. */
export function resolveLineOptions(options: ReadLinesOptions): LineSettings {
  const { maxLineLength = defaultMaxLineLength, eol = 'lf', charset = 'utf-8', signal } = options;
  checkSize('maxLineLength', maxLineLength, 0);
  if (eol !== 'lf' && eol !== 'any') throw noLineEnd(eol);
  checkCharset('charset', charset);
  return { maxLineLength, eol, charset, ...(signal && { signal }) };
}
