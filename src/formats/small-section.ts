import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { Delimiter } from './delimiter';

/** A field as nearly all are: it lies in one chunk from its head to the delimiter behind it, and has one header. */
export interface SmallSection {
  readonly name: string;
  /** The content lies here, from {@link start} to {@link end}. */
  readonly memory: Buffer;
  readonly start: number;
  readonly end: number;
  /** Bytes from the delimiter before it to the one behind it, that one among them. */
  readonly length: number;
}

/** What follows a delimiter before the name of a field, as browsers write it. */
const head = '\r\nContent-Disposition: form-data; name="';
const headEnd = Buffer.from('"\r\n\r\n');
const lineEndLength = 2;
const quote = 34;
/** These begin an escape, or what may be one. */
const percent = 37;
const backslash = 92;
const space = 32;

/** Bytes of the header of a small section without its name. */
const headerLength = head.length - lineEndLength + 1;

/** Bytes of a content in which the delimiter behind it is looked for. */
const longestContent = 4_096;

/** Bytes of a name, so that a head that comes byte by byte is not looked at from its start again and again. */
const longestName = 256;

/** Limits that a small section keeps; what does not is read as any other, and refused there. */
export interface SmallSectionLimits {
  readonly headersCountLimit: number;
  readonly headersLengthLimit: number;
  readonly bodyLengthLimit: number;
}

/** The small section at the start of a buffer; undefined for any other, and for memory that is used again. */
export function findSmallSection(
  buffer: ReadOnlySequence,
  delimiter: Delimiter,
  limits: SmallSectionLimits,
): SmallSection | undefined {
  const { segment, index } = buffer.start;
  if (segment.ownership !== 'stable') return undefined;
  const { memory } = segment;
  const memoryEnd = Math.min(segment.end, index + buffer.length);
  const nameStart = index + head.length;
  const nameEnd = findNameEnd(memory, nameStart, Math.min(memoryEnd, nameStart + longestName + headEnd.length));
  if (nameEnd === -1) return undefined;
  const start = nameEnd + headEnd.length;
  // An empty content has no line end of its own before the delimiter.
  const searched = Math.min(memoryEnd, start + longestContent + delimiter.length);
  const found = delimiter.indexIn(memory, start - lineEndLength, searched);
  const end = Math.max(start, found);
  if (found === -1 || !isWithin(limits, nameEnd - nameStart, end - start)) return undefined;
  const text = memory.toString('utf8', index, nameEnd);
  if (!text.startsWith(head)) return undefined;
  return {
    name: text.slice(head.length),
    memory,
    start,
    end,
    length: found + delimiter.length - index,
  };
}

function isWithin(limits: SmallSectionLimits, nameLength: number, contentLength: number): boolean {
  const { headersCountLimit, headersLengthLimit, bodyLengthLimit } = limits;
  return headersCountLimit > 0 && headerLength + nameLength <= headersLengthLimit && contentLength <= bodyLengthLimit;
}

/** The index of the quotation mark behind a name that has nothing to unescape; -1 where anything is unusual. */
function findNameEnd(memory: Buffer, from: number, to: number): number {
  for (let index = from; index < to; index += 1) {
    const byte = memory[index] as number;
    if (byte === quote) return index + headEnd.length <= to && isHeadEnd(memory, index) ? index : -1;
    if (byte < space || byte === percent || byte === backslash) return -1;
  }
  return -1;
}

function isHeadEnd(memory: Buffer, from: number): boolean {
  for (let index = 0; index < headEnd.length; index += 1) if (memory[from + index] !== headEnd[index]) return false;
  return true;
}
