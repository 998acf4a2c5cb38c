import type { IncomingMessage, ServerResponse } from 'node:http';
import { abandonBody, bodyReaderOf } from '../http/body-reader';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { BodySettings } from './body-options';
import type { NextFunction } from './handler';
import { offerCodings } from './offer-codings';
import { charsetOf, checkBody, codingsOf, decoded } from './open-body';

/** What a middleware is called with. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly next: NextFunction;
}

/**
 * Gives `req.body` what `parse` makes of the body, which it gets decoded, and with its charset ('' where it is no text).
 * A request that is not ours, or was read before, goes on untouched.
 */
export function parseBody(
  { request, response, next }: Exchange,
  settings: BodySettings,
  parse: (reader: PipeReader, charset: string) => Promise<unknown>,
): void {
  if (!hasBody(request) || wasRead(request) || !settings.matches(request)) {
    next();
    return;
  }
  let encoded: PipeReader | undefined;
  let reader: PipeReader | undefined;
  const fail = (error: unknown) => {
    if (reader !== encoded) void reader?.complete();
    abandonBody(request, encoded);
    offerCodings(response, error, settings);
    next(error);
  };
  try {
    const charset = charsetOf(request, settings.charsets);
    const codings = codingsOf(request);
    checkBody(request, codings, settings);
    encoded = bodyReaderOf(request);
    reader = decoded(encoded, codings, settings);
    parse(reader, charset).then((value) => {
      (request as { body?: unknown }).body = value;
      next();
    }, fail);
  } catch (error) {
    fail(error);
  }
}

/** RFC 9112 §6.3: a body is announced by Content-Length or by Transfer-Encoding. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** Whether somebody read the whole body before. One that was cut off was not read: reading it gives the error. */
export function wasRead(request: IncomingMessage): boolean {
  return request.complete && !request.readable;
}
