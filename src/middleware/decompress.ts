import type { IncomingMessage } from 'node:http';
import { type DecodingOptions, resolveDecodingOptions } from '../formats/decoding/decoding-options';
import { announcesBody } from '../http/announced-body';
import { explain, isExplained } from '../http/debug-log';
import { ensureMembers } from '../http/hang-members';
import type { PipeRequest } from '../http/request-members';
import { decodeRequest } from './decode-request';
import type { Handler } from './handler';
import { offerCodings } from './offer-codings';
import { codingsOf } from './open-body';
import { wasRead } from './parse-body';
import { parseSize } from './parse-size';

/** Options of {@link decompress}. */
export interface DecompressOptions extends DecodingOptions {
  /**
   * Decoded bytes at most: a number, or text such as `'10mb'`. More is a 413, `entity.too.large`, for whoever reads.
   * Default 30,000,000 (28.6 MiB), as Kestrel's MaxRequestBodySize.
   */
  limit?: number | string | undefined;
}

const defaultDecodedLimit = 30_000_000;

/**
 * Swaps a body with content codings for what it was before them, and takes them out of the headers: whatever comes next
 * reads it as if it had come plain. gzip, deflate, br (see `allowUnsafeBrotli`) and, where Node has it, zstd.
 *
 * Without codings the body stays as it is. Without a `pipeBody()` before it, it is that one, too.
 *
 * 415 `encoding.unsupported`, with Accept-Encoding, for other codings. Whoever reads the body gets a 400
 * `entity.decode.failed` for one that is cut off, corrupt or followed by other bytes.
 */
export function decompress(options: DecompressOptions = {}): Handler {
  const decoding = resolveDecodingOptions(options, parseSize('limit', options.limit ?? defaultDecodedLimit));
  return function decompressBody(request, response, next) {
    // Whoever comes next finds the same stream, whether its client encodes or not.
    ensureMembers(request, response);
    const codings = codingsOf(request);
    if (codings.length === 0 || !announcesBody(request) || wasRead(request)) {
      if (isExplained) explainEncoded(request, codings);
      next();
      return;
    }
    try {
      const body = request as PipeRequest;
      const reader = decodeRequest(request, body.bodyReader, decoding);
      body.bodyReader = reader;
      delete request.headers['content-encoding'];
      // What was read half way has a decoder that nobody else gives up. Of a client that went away it can still be read.
      response.once('finish', () => void reader.complete());
    } catch (error) {
      offerCodings(response, error, { inflate: true, decoding });
      next(error);
      return;
    }
    next();
  };
}

function explainEncoded(request: IncomingMessage, codings: readonly string[]): void {
  let reason = 'the body was read before';
  if (codings.length === 0) reason = 'it has no Content-Encoding';
  else if (!announcesBody(request)) reason = 'it has no body';
  explain(request, `not decoded by decompress(): ${reason}`);
}
