import { LimitedPipeReader } from '../formats/limited-pipe-reader';
import { defaultMaxLineLength, type ReadLinesOptions, readAllLines } from '../formats/read-lines';
import { checkSize } from '../pipelines/pipe-options';
import { type BodyOptions, resolveBodyOptions } from './body-options';
import type { Handler } from './handler';
import { parseBody } from './parse-body';

/** Options of {@link lines}. `limit` is 1,048,576 bytes (1 MiB) and `type` `text/*` unless said otherwise. */
export interface LinesOptions extends BodyOptions, Pick<ReadLinesOptions, 'maxLineLength'> {}

const defaultLinesLimit = 1_048_576;

/** Reads a text in UTF-8 into `req.body` as an array of its lines. */
export function lines(options: LinesOptions = {}): Handler {
  const settings = resolveBodyOptions(options, { type: 'text/*', limit: defaultLinesLimit });
  checkSize('maxLineLength', options.maxLineLength ?? defaultMaxLineLength, 0);
  return function linesParser(request, response, next) {
    parseBody({ request, response, next }, settings, (reader) =>
      readAllLines(new LimitedPipeReader(reader, settings.decoding.limit), options),
    );
  };
}
