import { decodeText, isEncoding } from '../formats/charset';
import type { Handler } from './handler';
import { parseWholeBody, resolveWholeBodyOptions, type WholeBodyOptions } from './parse-whole-body';

/** Options of {@link text}, as body-parser's. `type` is `text/plain` unless said otherwise. */
export interface TextOptions extends WholeBodyOptions {
  /** The charset of a body that names none: any that iconv-lite knows. Default `'utf-8'`. */
  defaultCharset?: string | undefined;
}

/** Reads bodies into `req.body` as text, as `express.text()`; in every charset that iconv-lite knows, else a 415. */
export function text(given?: TextOptions): Handler {
  const options = given ?? {};
  const settings = resolveWholeBodyOptions(options, {
    name: 'text',
    type: 'text/plain',
    charsets: { defaultCharset: options.defaultCharset || 'utf-8', isSupported: isEncoding },
  });
  return function textParser(request, response, next) {
    parseWholeBody({ request, response, next }, settings, decodeText);
  };
}
