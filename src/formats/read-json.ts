import type { PipeReader } from '../pipelines/pipe-reader';
import { charsetUnsupported } from './errors';
import { isJsonCharset, type ParseJsonOptions, parseJson } from './parse-json';
import { checkProtoPoisoning } from './proto-poisoning';
import { type ReadBytesOptions, readWhole } from './read-bytes';
import { checkSchema, type StandardSchema, validate } from './standard-schema';

/** Options of {@link readJson}. */
export interface ReadJsonOptions<T> extends ReadBytesOptions, ParseJsonOptions {
  /** UTF-8, UTF-16 or UTF-32; another one is a 415, `charset.unsupported`. Default `'utf-8'`. */
  charset?: string | undefined;
  /** A Standard Schema 1, such as zod, valibot and arktype make. What does not match is a 422, `entity.schema.failed`. */
  schema?: StandardSchema<T> | undefined;
}

/**
 * The rest of the body as one JSON value, of the schema's type where there is one.
 *
 * A body that is not JSON is a 400, `entity.parse.failed`; a longer one than `limit` a 413, `entity.too.large`.
 */
export async function readJson<T = unknown>(reader: PipeReader, options: ReadJsonOptions<T> = {}): Promise<T> {
  const { charset = 'utf-8', schema, onProtoPoisoning } = options;
  checkSchema(schema);
  checkProtoPoisoning(onProtoPoisoning);
  if (!isJsonCharset(charset.toLowerCase())) throw charsetUnsupported(charset);
  return readWhole(reader, options, (bytes) => {
    const value = parseJson(bytes, options, charset);
    return schema === undefined ? (value as T) : validate(schema, value);
  });
}
