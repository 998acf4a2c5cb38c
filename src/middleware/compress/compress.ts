import type { IncomingMessage, ServerResponse } from 'node:http';
import vary from 'vary';
import { isExplained } from '../../http/debug-log';
import { ensureMembers } from '../../http/hang-members';
import type { PipeResponse } from '../../http/response-members';
import type { Handler } from '../handler';
import { chooseCoding } from './choose-coding';
import { type CompressOptions, type CompressSettings, resolveCompressOptions } from './compress-options';
import type { ContentCoding } from './content-codings';
import { EncodedBody } from './encoded-body';
import {
  declareLength,
  forbidsTransform,
  isLive,
  isUntouchable,
  knownLength,
  setEncodedHeaders,
  weakenTag,
} from './encoded-headers';
import { explainPlain, type PlainReason, type Start } from './explain-plain';
import { isCompressible } from './is-compressible';

/** Compresses responses for the clients that take it, as `compression()`. */
export function compress(options: CompressOptions = {}): Handler {
  const settings = resolveCompressOptions(options);
  return function compressBody(request, response, next) {
    ensureMembers(request, response);
    if (!response.headersSent) {
      (response as PipeResponse).onStarting((wholeLength) =>
        startBody(request, response as PipeResponse, { settings, wholeLength }),
      );
    }
    next();
  };
}

/** The default of `filter`, to build others on. */
compress.filter = isCompressible;

function startBody(request: IncomingMessage, response: PipeResponse, start: Start): void {
  const coding = codingFor(request, response, start);
  if (typeof coding === 'string') {
    if (isExplained) explainPlain({ request, response }, coding, start);
    return;
  }
  setEncodedHeaders(response, coding.name);
  // The headers are those of a GET; there is nothing to encode (RFC 9110 §9.3.2).
  if (request.method === 'HEAD') return;
  const { settings, wholeLength } = start;
  // What one call brings is not waited for.
  const isFlushed = wholeLength === undefined && (isLive(response) || Boolean(settings.flushWrites(request, response)));
  const declare = (byteCount: number) => declareLength(response, byteCount);
  response.body = new EncodedBody({ coding, isFlushed, declareLength: declare }, response.bodyWriter);
}

/** The coding of a response, or why it has none. */
function codingFor(request: IncomingMessage, response: PipeResponse, start: Start): ContentCoding | PlainReason {
  const { settings } = start;
  // A client that is gone never closes again: an encoder would wait for it.
  if (response.destroyed) return 'gone';
  if (settings.exclude(request)) return 'excluded';
  if (forbidsTransform(response)) return 'noTransform';
  if (response.statusCode === 304) confirmTag(request, response);
  if (!mayBeCompressed(request, response, settings)) return 'filtered';
  vary(response, 'Accept-Encoding');
  if (isUntouchable(response)) return 'untouchable';
  if (isSmall(response, start)) return 'small';
  return chooseCoding(request, settings) ?? 'noCoding';
}

/** An empty body gets no shorter, whatever the threshold. */
function isSmall(response: ServerResponse, { settings, wholeLength }: Start): boolean {
  const length = knownLength(response, wholeLength);
  return length !== undefined && (length === 0 || length < settings.thresholdBytes);
}

/** A 304 varies as its 200 did (RFC 9110 §15.4.5), also where Express has taken the type away that would have told. */
function mayBeCompressed(request: IncomingMessage, response: ServerResponse, settings: CompressSettings): boolean {
  if (response.statusCode === 304 && !response.hasHeader('Content-Type')) return true;
  return Boolean(settings.filter(request, response));
}

/** A client that kept the compressed body knows it by a weak tag, and is to find it by the one that it sent. */
function confirmTag(request: IncomingMessage, response: ServerResponse): void {
  const tag = response.getHeader('ETag');
  if (typeof tag === 'string' && request.headers['if-none-match']?.includes(`W/${tag}`)) weakenTag(response);
}
