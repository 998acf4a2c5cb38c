import type { Handler } from './handler';
import { parseWholeBody, resolveWholeBodyOptions, type WholeBodyOptions } from './parse-whole-body';

/** Options of {@link raw}, as body-parser's. `type` is `application/octet-stream` unless said otherwise. */
export interface RawOptions extends WholeBodyOptions {}

/** Reads bodies into `req.body` as one `Buffer`, as `express.raw()`. */
export function raw(options?: RawOptions): Handler {
  const settings = resolveWholeBodyOptions(options ?? {}, { name: 'raw', type: 'application/octet-stream' });
  const keep = (bytes: Buffer) => bytes;
  return function rawParser(request, response, next) {
    parseWholeBody({ request, response, next }, settings, keep);
  };
}
