import type { PipeReader } from '../pipelines/pipe-reader';
import { type ParseJsonOptions, parseJson } from './parse-json';
import { type ReadBytesOptions, readBytes } from './read-bytes';

/** The rest of the body as one JSON value. A body that is not JSON is a 400, `entity.parse.failed`. */
export async function readJson<T = unknown>(
  reader: PipeReader,
  options: ReadBytesOptions & ParseJsonOptions = {},
): Promise<T> {
  return parseJson(await readBytes(reader, options), options) as T;
}
