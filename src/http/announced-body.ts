import type { IncomingMessage } from 'node:http';

/** Whether a body is announced. RFC 9112 §6.3: by Content-Length or by Transfer-Encoding; HTTP/2 needs neither. */
export function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
}

/** The bytes of a Content-Length, where there is one. */
export function announcedLength({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}

/** The length that the client announced is not that of a body swapped in; old parsers compare it (decision 005). */
export function forgetLength({ headers }: IncomingMessage): void {
  if (headers['content-length'] === undefined) return;
  delete headers['content-length'];
  headers['transfer-encoding'] ??= 'chunked';
}
