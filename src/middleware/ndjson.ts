import type { JsonLineOptions } from '../formats/json-line-source';
import { LimitedPipeReader } from '../formats/limited-pipe-reader';
import { type ReadLinesOptions, resolveLineOptions } from '../formats/line-settings';
import { isJsonCharset } from '../formats/parse-json';
import { checkProtoPoisoning } from '../formats/proto-poisoning';
import { readAllJsonLines } from '../formats/read-all-json-lines';
import { type CollectLinesOptions, resolveMaxLines } from '../formats/read-all-lines';
import { checkSchema, type StandardSchema } from '../formats/standard-schema';
import { type BodyOptions, resolveBodyOptions } from './body-options';
import type { Handler } from './handler';
import type { BodyHandler } from './json';
import { defaultLinesLimit } from './lines';
import { ndjsonTypes } from './ndjson-types';
import { parseBody } from './parse-body';

/**
 * Options of `ndjson()`. `limit` is 1,048,576 bytes (1 MiB), and `type` the names by which NDJSON goes (such as
 * `application/x-ndjson` and `application/jsonl`) unless said otherwise; `onProtoPoisoning` is `'error'`, as in json().
 */
export interface NdjsonOptions<Value = unknown>
  extends BodyOptions,
    Pick<ReadLinesOptions, 'maxLineLength'>,
    Pick<CollectLinesOptions, 'maxLines'>,
    JsonLineOptions<Value> {}

/** Reads NDJSON into `req.body` as an array of its values. Errors have the number of the `line`. */
export function ndjson<Value>(options: NdjsonOptions<Value> & { schema: StandardSchema<Value> }): BodyHandler<Value[]>;
/** Without a schema: the values are what the lines say. */
export function ndjson(options?: NdjsonOptions): Handler;
export function ndjson(options: NdjsonOptions = {}): Handler {
  const { onProtoPoisoning = 'error' } = options;
  const settings = resolveBodyOptions(
    { ...options, type: options.type ?? ndjsonTypes },
    {
      name: 'ndjson',
      type: 'application/x-ndjson',
      limit: defaultLinesLimit,
      charsets: { defaultCharset: 'utf-8', isSupported: isJsonCharset },
    },
  );
  resolveLineOptions(options);
  resolveMaxLines(options);
  checkSchema(options.schema);
  checkProtoPoisoning(onProtoPoisoning);
  const reading = { ...options, onProtoPoisoning };
  return function ndjsonParser(request, response, next) {
    parseBody({ request, response, next }, settings, (reader, charset) =>
      readAllJsonLines(new LimitedPipeReader(reader, settings.decoding.limit), { ...reading, charset }),
    );
  };
}
