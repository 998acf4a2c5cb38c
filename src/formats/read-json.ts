import type { PipeReader } from '../pipelines/pipe-reader';
import { type ParseJsonOptions, parseJson } from './parse-json';
import { type ReadBytesOptions, readBytes } from './read-bytes';

/** The rest of the body as one JSON value. A body that is not JSON is a 400, `entity.parse.failed`. */
export function readJson<T = unknown>(
  reader: PipeReader,
  options: ReadBytesOptions & ParseJsonOptions = {},
): Promise<T> {
  return readBytes(reader, options).then((bytes) => parseJson(bytes, options) as T);
}
