import type { JsonLineOptions } from '../formats/json-line-source';
import { LimitedPipeReader } from '../formats/limited-pipe-reader';
import { type ReadLinesOptions, resolveLineOptions } from '../formats/line-settings';
import { readAllJsonLines } from '../formats/read-all-json-lines';
import { type CollectLinesOptions, resolveMaxLines } from '../formats/read-all-lines';
import { checkSchema } from '../formats/standard-schema';
import { charsetOf } from './charset-of';
import type { Handler } from './handler';
import { defaultLinesLimit } from './lines';
import { type BodyOptions, parseBody, resolveBodyOptions } from './parse-body';

/**
 * Options of {@link ndjson}. `limit` is 1,048,576 bytes (1 MiB), and `type` the names by which NDJSON goes (such as
 * `application/x-ndjson` and `application/jsonl`) unless said otherwise.
 */
export interface NdjsonOptions<Value = unknown>
  extends BodyOptions,
    Pick<ReadLinesOptions, 'maxLineLength'>,
    Pick<CollectLinesOptions, 'maxLines'>,
    JsonLineOptions<Value> {}

/** None is registered with IANA. */
const ndjsonTypes = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
];

/** RFC 8259 §8.1 asks for UTF-8; UTF-16 and UTF-32 are read too, as by json(). */
const unicode = /^utf-?(?:8|(?:16|32)(?:le|be)?)$/;

/** Reads NDJSON into `req.body` as an array of its values. Errors have the number of the `line`. */
export function ndjson<Value = unknown>(options: NdjsonOptions<Value> = {}): Handler {
  const settings = resolveBodyOptions(
    { ...options, type: options.type ?? ndjsonTypes },
    'application/x-ndjson',
    defaultLinesLimit,
  );
  resolveLineOptions(options);
  resolveMaxLines(options);
  checkSchema(options.schema);
  return function ndjsonParser(request, _response, next) {
    parseBody(request, next, settings, (reader) => {
      const charset = charsetOf(request, (name) => unicode.test(name));
      return readAllJsonLines(new LimitedPipeReader(reader, settings.limitBytes), { ...options, charset });
    });
  };
}
