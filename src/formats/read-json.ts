import type { PipeReader } from '../pipelines/pipe-reader';
import { type ParseJsonOptions, parseJson } from './parse-json';
import { type ReadBytesOptions, readBytes } from './read-bytes';
import { type StandardSchema, validate } from './standard-schema';

/** Options of {@link readJson}. */
export interface ReadJsonOptions<T> extends ReadBytesOptions, ParseJsonOptions {
  /** The charset of the text. Default UTF-8. */
  charset?: string;
  /** A Standard Schema 1, such as zod, valibot and arktype make. What does not match is a 422, `entity.schema.failed`. */
  schema?: StandardSchema<T>;
}

/**
 * The rest of the body as one JSON value, of the schema's type where there is one.
 *
 * A body that is not JSON is a 400, `entity.parse.failed`; a longer one than `limit` a 413, `entity.too.large`.
 */
export async function readJson<T = unknown>(reader: PipeReader, options: ReadJsonOptions<T> = {}): Promise<T> {
  const value = parseJson(await readBytes(reader, options), options, options.charset);
  return options.schema === undefined ? (value as T) : validate(options.schema, value);
}
