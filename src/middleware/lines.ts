import { LimitedPipeReader } from '../formats/limited-pipe-reader';
import { defaultMaxLineLength, type ReadLinesOptions } from '../formats/line-settings';
import { readAllLines } from '../formats/read-all-lines';
import { checkSize } from '../pipelines/pipe-options';
import type { Handler } from './handler';
import { type BodyOptions, parseBody, resolveBodyOptions } from './parse-body';

/** Options of {@link lines}. `limit` is 1,048,576 bytes (1 MiB) and `type` `text/*` unless said otherwise. */
export interface LinesOptions extends BodyOptions, Pick<ReadLinesOptions, 'maxLineLength'> {}

const defaultLinesLimit = 1_048_576;

/** Reads a text in UTF-8 into `req.body` as an array of its lines. */
export function lines(options: LinesOptions = {}): Handler {
  const settings = resolveBodyOptions(options, 'text/*', defaultLinesLimit);
  checkSize('maxLineLength', options.maxLineLength ?? defaultMaxLineLength, 0);
  return function linesParser(request, _response, next) {
    parseBody(request, next, settings, (reader) =>
      readAllLines(new LimitedPipeReader(reader, settings.limitBytes), options),
    );
  };
}
