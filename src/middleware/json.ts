import type { IncomingMessage } from 'node:http';
import { parse as parseContentType } from 'content-type';
import createError from 'http-errors';
import type { ParseJsonOptions } from '../formats/parse-json';
import { readJson } from '../formats/read-json';
import type { Handler } from './handler';
import { type BodyOptions, parseBody, resolveBodyOptions } from './parse-body';

/** Options of {@link json}, as body-parser's. */
export interface JsonOptions extends BodyOptions, ParseJsonOptions {}

/** Parses JSON bodies into `req.body`, as `express.json()`. */
export function json(options: JsonOptions = {}): Handler {
  const settings = resolveBodyOptions(options, 'application/json');
  const readOptions = { ...options, limit: settings.limitBytes };
  return function jsonParser(request, _response, next) {
    parseBody(request, next, settings, (reader) => {
      checkEncoding(request);
      return readJson(reader, readOptions);
    });
  };
}

/** UTF-8 only, and no content coding; both otherwise a 415. */
function checkEncoding(request: IncomingMessage): void {
  const { 'content-encoding': encoding = 'identity', 'content-type': type } = request.headers;
  if (encoding.toLowerCase() !== 'identity') {
    throw createError(415, `The content coding "${encoding}" is not supported; send the body without one.`, {
      type: 'encoding.unsupported',
      encoding,
    });
  }
  if (type === undefined || type === 'application/json') return;
  const charset = parseContentType(type).parameters['charset']?.toLowerCase() ?? 'utf-8';
  if (charset === 'utf-8' || charset === 'utf8') return;
  throw createError(415, `The charset "${charset.toUpperCase()}" is not supported; send JSON as UTF-8.`, {
    type: 'charset.unsupported',
    charset,
  });
}
