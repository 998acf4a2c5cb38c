import type { IncomingMessage } from 'node:http';
import { afterListeners } from '../http/after-listeners';
import { announcesBody } from '../http/announced-body';
import { readChannel } from '../http/body-channels';
import { abandonBody, bodyReaderOf } from '../http/body-reader';
import { explain, isExplained, quote } from '../http/debug-log';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { BodySettings } from './body-options';
import { decodeRequest } from './decode-request';
import type { Exchange } from './handler';
import { offerCodings } from './offer-codings';
import { charsetOf, checkBody, codingsOf } from './open-body';
import { traceRead } from './trace-read';

type Parse = (reader: PipeReader, charset: string) => Promise<unknown>;

/**
 * Gives `req.body` what `parse` makes of the body, which it gets decoded, and with its charset ('' where it is no text).
 * A request that is not ours, or was read before, goes on untouched.
 */
export function parseBody(exchange: Exchange, settings: BodySettings, parse: Parse): void {
  const { request, next } = exchange;
  if (!announcesBody(request) || wasRead(request) || !settings.matches(request)) {
    if (isExplained) explainUnparsed(request, settings.name);
    next();
  } else if (!readChannel.hasSubscribers) readBody(exchange, settings, parse);
  else traceRead(exchange, settings.name, (traced) => readBody(traced, settings, parse));
}

function readBody({ request, response, next }: Exchange, settings: BodySettings, parse: Parse): void {
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
    reader = decodeRequest(request, encoded, settings.decoding);
    parse(reader, charset).then((value) => {
      (request as { body?: unknown }).body = value;
      afterListeners(request, next);
    }, fail);
  } catch (error) {
    fail(error);
  }
}

/** Why a middleware left a body alone that it would have parsed. */
export function explainUnparsed(request: IncomingMessage, middleware: string): void {
  const { 'content-type': type } = request.headers;
  let reason = type === undefined ? 'it has no Content-Type' : `the type is ${quote(type)}`;
  if (!announcesBody(request)) reason = 'it has no body';
  else if (wasRead(request)) reason = 'the body was read before';
  explain(request, `not parsed by ${middleware}(): ${reason}`);
}

/** Whether somebody read the whole body before. One that was cut off was not read: reading it gives the error. */
export function wasRead(request: IncomingMessage): boolean {
  return request.complete && !request.readable;
}
