import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import { invalidBoundary, noBoundary } from './multipart-errors';
import { NeedleSearch } from './needle-search';

/** RFC 2046 §5.1.1: a boundary has at most 70 characters. */
const longestBoundary = 70;
const carriageReturn = 13;
const dash = 45;
const lineEnd = 2;

/** A delimiter, or at the end of what is there what may become one. */
export interface FoundDelimiter {
  readonly offset: number;
  /** The offset after it; undefined where the rest has not come yet. */
  readonly end: number | undefined;
}

/**
 * What stands between the sections of a multipart body: CRLF, `--`, boundary.
 *
 * RFC 2046 §5.1.1: "it is sufficient that the boundary appear in its entirety following the CRLF", whatever stands
 * after it.
 */
export class Delimiter {
  readonly #bytes: Buffer;
  readonly #withoutLineEnd: Buffer;
  readonly #search: NeedleSearch;

  /** A boundary that RFC 2046 does not allow is a 400, `multipart.boundary.invalid`. */
  constructor(boundary: string) {
    if (typeof boundary !== 'string') throw noBoundary();
    if (!isBoundary(boundary)) throw invalidBoundary();
    this.#bytes = Buffer.from(`\r\n--${boundary}`);
    this.#withoutLineEnd = this.#bytes.subarray(lineEnd);
    this.#search = new NeedleSearch(this.#bytes);
  }

  /** Bytes of a delimiter, its line end among them. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The first delimiter; at the start of a line it needs no line end before it. Undefined when there is none. */
  find(buffer: ReadOnlySequence, isLineStart: boolean): FoundDelimiter | undefined {
    return (isLineStart ? this.#findAtStart(buffer) : undefined) ?? this.#findWhole(buffer) ?? this.#findPart(buffer);
  }

  /** The index of the first whole one with its line end in a piece of memory, from `from` up to `to`; or -1. */
  indexIn(memory: Buffer, from: number, to: number): number {
    return this.#search.find(memory, from, to);
  }

  #findAtStart(buffer: ReadOnlySequence): FoundDelimiter | undefined {
    if (buffer.at(0) !== dash) return undefined;
    const { length } = this.#withoutLineEnd;
    const start = buffer.slice(0, Math.min(length, buffer.length)).toBuffer();
    if (!start.equals(this.#withoutLineEnd.subarray(0, start.length))) return undefined;
    return { offset: 0, end: start.length === length ? length : undefined };
  }

  #findWhole(buffer: ReadOnlySequence): FoundDelimiter | undefined {
    const offset = this.#offsetIn(buffer);
    return offset === -1 ? undefined : { offset, end: offset + this.#bytes.length };
  }

  #offsetIn(buffer: ReadOnlySequence): number {
    if (buffer.isSingleSegment) return this.#search.find(buffer.first);
    // A part of the delimiter that ended the chunk before, which most chunks of a file of near-boundaries have.
    const keptLength = buffer.first.length;
    const rest = buffer.slice(keptLength);
    if (keptLength >= this.#bytes.length || !rest.isSingleSegment) return buffer.indexOf(this.#bytes);
    const border = buffer.slice(0, Math.min(buffer.length, keptLength + this.#bytes.length - 1)).toBuffer();
    const offset = this.#search.find(border);
    if (offset !== -1) return offset;
    const offsetInRest = this.#search.find(rest.first);
    return offsetInRest === -1 ? -1 : keptLength + offsetInRest;
  }

  /** The longest beginning of the delimiter that the bytes end with. */
  #findPart(buffer: ReadOnlySequence): FoundDelimiter | undefined {
    const tailOffset = Math.max(0, buffer.length - this.#bytes.length + 1);
    const tail = buffer.slice(tailOffset).toBuffer();
    let index = tail.indexOf(carriageReturn);
    while (index !== -1) {
      const part = tail.subarray(index);
      if (part.equals(this.#bytes.subarray(0, part.length))) return { offset: tailOffset + index, end: undefined };
      index = tail.indexOf(carriageReturn, index + 1);
    }
    return undefined;
  }
}

/** Printable ASCII without quotes: some clients take more characters than RFC 2046 gives them. No space at the end. */
function isBoundary(boundary: string): boolean {
  return boundary.length <= longestBoundary && /^[\x20-\x7e]*[\x21-\x7e]$/.test(boundary) && !boundary.includes('"');
}
