import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import { headersTooLong, malformedSection } from './multipart-errors';

/** What follows a delimiter: the headers of a section, or the mark of the last one. */
export interface SectionHead {
  /** The lines of the headers; undefined after the last section. */
  readonly text: string | undefined;
  /** Bytes up to the content. */
  readonly length: number;
}

const dash = 45;
const space = 32;
const tab = 9;
const carriageReturn = 13;
const lineFeed = 10;
const headersEnd = Buffer.from('\r\n\r\n');
const lineEndLength = 2;
/** Spaces that a relay may have added to the line of a delimiter (RFC 2046 §5.1.1); as many as in ASP.NET. */
const longestPadding = 100;

/**
 * The head at the start of the buffer; undefined while it is not all there, which the first `searched` bytes are known
 * not to be. Headers longer than the limit are a 413, `multipart.headers.too.large`.
 */
export function findSectionHead(buffer: ReadOnlySequence, searched: number, limit: number): SectionHead | undefined {
  const start = buffer.slice(0, Math.min(buffer.length, longestPadding + lineEndLength)).toBuffer();
  if (start[0] === dash && (start[1] ?? dash) === dash) {
    return start.length > 1 ? { text: undefined, length: lineEndLength } : undefined;
  }
  const lineEnd = findLineEnd(start);
  if (lineEnd === undefined) return undefined;
  const headersStart = lineEnd + lineEndLength;
  const end = buffer.indexOf(headersEnd, Math.max(lineEnd, searched - headersEnd.length + 1));
  const foundLength = (end === -1 ? buffer.length - headersEnd.length + 1 : end) - headersStart;
  if (foundLength > limit) throw headersTooLong(limit);
  if (end === -1) return undefined;
  const text = end < headersStart ? '' : buffer.slice(headersStart, end).toString();
  return { text, length: end + headersEnd.length };
}

/** The end of the delimiter's line, which has nothing but spaces; undefined while it is not there. */
function findLineEnd(bytes: Buffer): number | undefined {
  let index = 0;
  while (index < longestPadding && (bytes[index] === space || bytes[index] === tab)) index += 1;
  const isLineEnd = (bytes[index] ?? carriageReturn) === carriageReturn && (bytes[index + 1] ?? lineFeed) === lineFeed;
  if (!isLineEnd) throw malformedSection('its delimiter does not end with CRLF');
  return index + 1 < bytes.length ? index : undefined;
}
