import type { ServerResponse } from 'node:http';

/** Responses without content, or with a part of it that is counted in bytes before any coding. */
const untouchedStatuses: ReadonlySet<number> = new Set([204, 205, 206, 304]);

/** What is true of the bytes before the coding only. RFC 9530 for the digests; a range of what is sent cannot be asked for. */
const headersOfPlainBody = [
  'Content-Length',
  'Content-MD5',
  'Content-Digest',
  'Repr-Digest',
  'Digest',
  'Accept-Ranges',
];

/** Whether nobody may transform the content on its way (RFC 9111 §5.2.2.6). */
export function forbidsTransform(response: ServerResponse): boolean {
  const cacheControl = response.getHeader('Cache-Control');
  if (cacheControl === undefined) return false;
  const directives = String(cacheControl).toLowerCase().split(',');
  return directives.some((directive) => directive.trim() === 'no-transform');
}

/** Whether a response is one that no coding may be put on: a part, encoded already, or without content. */
export function isUntouchable(response: ServerResponse): boolean {
  if (response.statusCode < 200 || untouchedStatuses.has(response.statusCode)) return true;
  if (response.hasHeader('Content-Range')) return true;
  const coding = response.getHeader('Content-Encoding') ?? 'identity';
  return coding !== '' && String(coding).toLowerCase() !== 'identity';
}

/** Bytes of the body, where a header or the one call that brings it says so. */
export function knownLength(response: ServerResponse, wholeLength: number | undefined): number | undefined {
  const declared = response.getHeader('Content-Length');
  return declared === undefined ? wholeLength : Number(declared);
}

/** Makes the headers those of the encoded body. */
export function setEncodedHeaders(response: ServerResponse, codingName: string): void {
  response.setHeader('Content-Encoding', codingName);
  for (const name of headersOfPlainBody) response.removeHeader(name);
  weakenTag(response);
}

/**
 * Declares a length where the headers can still say it. Trailers need chunks, and whoever set Transfer-Encoding wants
 * them (RFC 9112 §6.2).
 */
export function declareLength(response: ServerResponse, byteCount: number): void {
  if (response.headersSent || response.hasHeader('Transfer-Encoding') || response.hasHeader('Trailer')) return;
  response.setHeader('Content-Length', byteCount);
}

/** Equal in meaning and not byte for byte any more (RFC 9110 §8.8.1). */
export function weakenTag(response: ServerResponse): void {
  const tag = response.getHeader('ETag');
  if (typeof tag === 'string' && tag.startsWith('"')) response.setHeader('ETag', `W/${tag}`);
}

/** Whether the bytes are to reach the client as they are written: events, and what proxies are asked not to hold back. */
export function isLive(response: ServerResponse): boolean {
  const type = String(response.getHeader('Content-Type') ?? '').toLowerCase();
  const buffering = String(response.getHeader('X-Accel-Buffering') ?? '').toLowerCase();
  return type.startsWith('text/event-stream') || buffering === 'no';
}
