import { isCharset } from '../formats/charset';
import { LimitedPipeReader } from '../formats/limited-pipe-reader';
import { type ReadLinesOptions, resolveLineOptions } from '../formats/line-settings';
import { type CollectLinesOptions, readAllLines, resolveMaxLines } from '../formats/read-all-lines';
import { type BodyOptions, resolveBodyOptions } from './body-options';
import type { Handler } from './handler';
import { parseBody } from './parse-body';

/** Options of {@link lines}. `limit` is 1,048,576 bytes (1 MiB) and `type` `text/*` unless said otherwise. */
export interface LinesOptions
  extends BodyOptions,
    Pick<ReadLinesOptions, 'maxLineLength' | 'eol'>,
    CollectLinesOptions {}

export const defaultLinesLimit = 1_048_576;

/** Reads a text into `req.body` as an array of its lines; in every charset that iconv-lite knows, else a 415. */
export function lines(options: LinesOptions = {}): Handler {
  const settings = resolveBodyOptions(options, {
    name: 'lines',
    type: 'text/*',
    limit: defaultLinesLimit,
    charsets: { defaultCharset: 'utf-8', isSupported: isCharset },
  });
  resolveLineOptions(options);
  resolveMaxLines(options);
  return function linesParser(request, response, next) {
    parseBody({ request, response, next }, settings, (reader, charset) =>
      readAllLines(new LimitedPipeReader(reader, settings.decoding.limit), { ...options, charset }),
    );
  };
}
