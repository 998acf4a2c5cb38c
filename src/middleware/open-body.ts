import type { IncomingMessage } from 'node:http';
import { parse as parseContentType } from 'content-type';
import { parseContentCodings } from '../formats/decoding/content-codings';
import { charsetUnsupported, encodingRefused } from '../formats/errors';
import { announcedLength } from '../http/announced-body';
import type { BodySettings, Charsets } from './body-options';
import { announcedTooLarge, streamEncodingSet, streamNotReadable } from './errors';

/** The charset that a body is written in: '' where it is no text. 415, `charset.unsupported`, for one that is not read. */
export function charsetOf(request: IncomingMessage, charsets: Charsets | undefined): string {
  if (charsets === undefined) return '';
  const charset = namedCharset(request) || charsets.defaultCharset;
  if (!charsets.isSupported(charset)) throw charsetUnsupported(charset);
  return charset;
}

function namedCharset({ headers }: IncomingMessage): string | undefined {
  const type = headers['content-type'];
  return type?.includes(';') ? parseContentType(type).parameters['charset']?.toLowerCase() : undefined;
}

/** Refuses, before the first byte is read, what cannot be read or is announced to be too long. */
export function checkBody(request: IncomingMessage, codings: readonly string[], settings: BodySettings): void {
  if (codings.length > 0 && !settings.inflate) throw encodingRefused(codings.join(', '));
  checkAnnounced(request, codings, settings.decoding.limit);
  if (request.readableEncoding) throw streamEncodingSet();
  if (request.readable === false && !request.destroyed) throw streamNotReadable();
}

/** Refuses a body that is announced to be too long; how long an encoded one will be is not announced. */
export function checkAnnounced(request: IncomingMessage, codings: readonly string[], limit: number): void {
  const announced = announcedLength(request) ?? 0;
  if (codings.length === 0 && announced > limit) throw announcedTooLarge(limit, announced);
}

const noCodings: readonly string[] = [];

/** The content codings of a body, in the order in which they were applied. */
export function codingsOf({ headers }: IncomingMessage): readonly string[] {
  const header = headers['content-encoding'];
  return header === undefined ? noCodings : parseContentCodings(header);
}
