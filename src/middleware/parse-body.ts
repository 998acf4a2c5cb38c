import type { IncomingMessage } from 'node:http';
import typeis from 'type-is';
import { entityTooLarge } from '../formats/errors';
import { defaultLimit } from '../formats/read-bytes';
import { abandonBody, bodyReaderOf } from '../http/body-reader';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { NextFunction } from './handler';
import { parseSize } from './parse-size';

/** Options that every parser has, as body-parser. */
export interface BodyOptions {
  /** Bytes at most: a number, or text such as `'100kb'`. More is a 413, `entity.too.large`. Default 102,400 (100 KiB). */
  limit?: number | string;
  /** The media types that are parsed, as type-is takes them, or a function that says whether to. */
  type?: string | string[] | ((request: IncomingMessage) => unknown);
}

/** Options with every default filled in. */
export interface BodySettings {
  readonly limitBytes: number;
  readonly matches: (request: IncomingMessage) => boolean;
}

/** Refuses bad options with a `TypeError`, when the middleware is made. */
export function resolveBodyOptions(options: BodyOptions, defaultType: string, limit = defaultLimit): BodySettings {
  const { type = defaultType } = options;
  const types = Array.isArray(type) ? type : [type as string];
  return {
    limitBytes: parseSize('limit', options.limit ?? limit),
    matches:
      typeof type === 'function'
        ? (request) => Boolean(type(request))
        : // The header as it mostly is needs no parsing.
          (request) => request.headers['content-type'] === type || Boolean(typeis(request, types)),
  };
}

/** Gives `req.body` what `parse` makes of the body. A request that is not ours, or was read before, goes on untouched. */
export function parseBody(
  request: IncomingMessage,
  next: NextFunction,
  settings: BodySettings,
  parse: (reader: PipeReader) => Promise<unknown>,
): void {
  if (!typeis.hasBody(request) || wasRead(request) || !settings.matches(request)) {
    next();
    return;
  }
  const announced = Number(request.headers['content-length']);
  if (announced > settings.limitBytes) {
    next(entityTooLarge(settings.limitBytes, announced));
    return;
  }
  const reader = bodyReaderOf(request);
  const fail = (error: unknown) => {
    abandonBody(reader);
    next(error);
  };
  try {
    parse(reader).then((value) => {
      (request as { body?: unknown }).body = value;
      next();
    }, fail);
  } catch (error) {
    fail(error);
  }
}

/** Whether somebody read the whole body before. One that was cut off was not read: reading it gives the error. */
export function wasRead(request: IncomingMessage): boolean {
  return request.complete && !request.readable;
}
