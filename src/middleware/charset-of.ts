import type { IncomingMessage } from 'node:http';
import { parse as parseContentType } from 'content-type';
import createError from 'http-errors';

/** The charset that a request names, or else `'utf-8'`. One that is not supported is a 415, `charset.unsupported`. */
export function charsetOf({ headers }: IncomingMessage, isSupported: (charset: string) => boolean): string {
  const type = headers['content-type'];
  const named = type?.includes(';') ? parseContentType(type).parameters['charset'] : undefined;
  const charset = named?.toLowerCase() || 'utf-8';
  if (isSupported(charset)) return charset;
  throw createError(415, `The charset "${charset.toUpperCase()}" is not supported; send the text as UTF-8.`, {
    type: 'charset.unsupported',
    charset,
  });
}
