import type { IncomingMessage } from 'node:http';
import { sentHeader } from './sent-header';

/** Whether a body is announced. RFC 9112 §6.3: by Content-Length or by Transfer-Encoding; HTTP/2 needs neither. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The bytes of a Content-Length, where there is one. */
export function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The same as the client sent it: middleware that swaps the body may have changed `headers`. */
export function sentLength(request: IncomingMessage): number | undefined {
  const length = sentHeader(request, 'content-length');
  return length === undefined ? undefined : Number(length);
}

/** Whether the client sends a body, whatever `headers` say. RFC 9113 §8.1: HTTP/2 says it by the end of its stream. */
export function sendsBody(request: IncomingMessage): boolean {
  const { stream } = request as { stream?: { endAfterHeaders?: boolean } };
  if (stream !== undefined) return stream.endAfterHeaders !== true;
  return sentLength(request) !== undefined || sentHeader(request, 'transfer-encoding') !== undefined;
}

/** The length that the client announced is not that of a body swapped in; old parsers compare it (decision 005). */
export function forgetLength({ headers }: IncomingMessage): void {
  if (headers['content-length'] === undefined) return;
  delete headers['content-length'];
  headers['transfer-encoding'] ??= 'chunked';
}
