import { isUint8Array } from 'node:util/types';
import { BufferSegment } from './buffer-segment';
import { notAPosition, notBytes, outOfRange, positionForeign, positionReversed } from './errors';
import { SequencePosition } from './sequence-position';
import { indexOfNeedle, toNeedle } from './sequence-search';

const noBytes = Buffer.alloc(0);

/**
 * Bytes in one or several segments, read without joining them. As `ReadOnlySequence<byte>` in .NET.
 *
 * Slices are views, not copies. The sequence of a `ReadResult` is good until `advanceTo()`; after it, access to what
 * was given back throws `ERR_PIPE_BUFFER_RELEASED`. Offsets are bytes and count from this sequence's own start.
 */
export class ReadOnlySequence implements Iterable<Buffer> {
  /** The sequence of no bytes. */
  static readonly empty: ReadOnlySequence = ReadOnlySequence.from();

  readonly #startSegment: BufferSegment;
  readonly #startIndex: number;
  readonly #endSegment: BufferSegment;
  readonly #endIndex: number;
  /** The segment that the last search by offset ended in, so that a loop over offsets stays linear. */
  #lastFound: BufferSegment;

  /** How many bytes. */
  readonly length: number;

  /** @internal */
  constructor(startSegment: BufferSegment, startIndex: number, endSegment: BufferSegment, endIndex: number) {
    this.length = endSegment.runningIndex + endIndex - (startSegment.runningIndex + startIndex);
    // The start of a segment may be given as the start and the end of the one before it as the end: no bytes, and no
    // way from the one to the other.
    if (this.length === 0) {
      startSegment = endSegment;
      startIndex = endIndex;
    }
    while (startIndex === startSegment.end && startSegment !== endSegment) {
      startSegment = startSegment.next as BufferSegment;
      startIndex = 0;
    }
    this.#startSegment = startSegment;
    this.#startIndex = startIndex;
    this.#endSegment = endSegment;
    this.#endIndex = endIndex;
    this.#lastFound = startSegment;
  }

  /** A sequence over the given pieces, in their order and without a copy. `TypeError` for what is not bytes. */
  static from(...segments: Uint8Array[]): ReadOnlySequence {
    const owner = {};
    const first = new BufferSegment(noBytes, 0, 0, owner, 'stable');
    let last = first;
    for (const bytes of segments) {
      if (!isUint8Array(bytes)) throw notBytes('segment');
      const memory = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      last = last.next = new BufferSegment(memory, memory.length, last.runningIndex + last.end, owner, 'stable');
    }
    return new ReadOnlySequence(first, 0, last, last.end);
  }

  /** Whether there is no byte in it. */
  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** Whether all bytes lie in one piece of memory, so that {@link ReadOnlySequence.toBuffer} need not copy. */
  get isSingleSegment(): boolean {
    return this.#startIndex + this.length <= this.#endOf(this.#startSegment);
  }

  /** The first piece that is not empty; an empty `Buffer` when there is none. */
  get first(): Buffer {
    if (this.length === 0) return noBytes;
    return this.#startSegment.view(this.#startIndex, this.#endOf(this.#startSegment));
  }

  /** Where the first byte lies. */
  get start(): SequencePosition {
    return new SequencePosition(this.#startSegment, this.#startIndex);
  }

  /** Behind the last byte. */
  get end(): SequencePosition {
    return new SequencePosition(this.#endSegment, this.#endIndex);
  }

  /**
   * The part from `start` up to, not including, `end` (default: this sequence's end).
   *
   * `RangeError` for what lies outside, `InvalidOperationError` for positions that are foreign or reversed.
   */
  slice(start: number | SequencePosition, end?: number | SequencePosition): ReadOnlySequence {
    const from = typeof start === 'number' ? this.getPosition(start) : this.#own(start, 'start');
    if (end === undefined) return new ReadOnlySequence(from.segment, from.index, this.#endSegment, this.#endIndex);
    if (typeof end === 'number') {
      const startOffset = from.offset - this.#startOffset;
      if (!(end >= startOffset)) throw outOfRange('end', end, startOffset, this.length);
    }
    const to = typeof end === 'number' ? this.getPosition(end) : this.#own(end, 'end');
    if (to.offset < from.offset) {
      throw positionReversed(from.offset - this.#startOffset, to.offset - this.#startOffset);
    }
    return new ReadOnlySequence(from.segment, from.index, to.segment, to.index);
  }

  /** The position of the first `value` (a byte, bytes in a row, or text as UTF-8), or null. */
  positionOf(value: number | Uint8Array | string): SequencePosition | null {
    const offset = this.indexOf(value);
    return offset === -1 ? null : this.getPosition(offset);
  }

  /** The offset of the first `value` at or after the offset `from` (default 0), or -1. */
  indexOf(value: number | Uint8Array | string, from = 0): number {
    const start = this.getPosition(from);
    const found = indexOfNeedle(toNeedle(value), start, this.#endSegment, this.#endIndex);
    if (found === null) return -1;
    this.#lastFound = found.segment;
    return found.offset - this.#startOffset;
  }

  /** The byte at an offset; undefined outside. */
  at(offset: number): number | undefined {
    if (!Number.isInteger(offset) || offset < 0 || offset >= this.length) return undefined;
    const { segment, index } = this.getPosition(offset);
    return segment.memory[index];
  }

  /** The position `offset` bytes after `origin` (default: this sequence's start). `RangeError` outside. */
  getPosition(offset: number, origin?: SequencePosition): SequencePosition {
    const base = origin === undefined ? 0 : this.getOffset(origin);
    const target = base + offset;
    if (!Number.isInteger(offset) || offset < 0 || target > this.length) {
      throw outOfRange('offset', offset, 0, this.length - base);
    }
    return this.#seek(this.#startOffset + target);
  }

  /** How many bytes a position lies after this sequence's start. */
  getOffset(position: SequencePosition): number {
    return this.#own(position, 'position').offset - this.#startOffset;
  }

  /** Copies all bytes to the front of `destination` and gives their number. `RangeError` when they do not fit. */
  copyTo(destination: Uint8Array): number {
    if (!isUint8Array(destination)) throw notBytes('destination');
    if (destination.length < this.length) {
      throw outOfRange('destination.length', destination.length, this.length, Number.MAX_SAFE_INTEGER);
    }
    const start = this.#startOffset;
    for (const { segment, from, to } of this.#pieces()) {
      segment.memory.copy(destination, segment.runningIndex + from - start, from, to);
    }
    return this.length;
  }

  /** One `Buffer` of all bytes: the memory itself where there is one segment, a copy where there are several. */
  toBuffer(): Buffer {
    if (this.isSingleSegment) return this.first;
    const whole = Buffer.allocUnsafe(this.length);
    this.copyTo(whole);
    return whole;
  }

  /** @internal As {@link toBuffer}, and good for ever: a copy also where the memory is used again. */
  toStableBuffer(): Buffer {
    const bytes = this.toBuffer();
    return this.isSingleSegment && this.#startSegment.ownership === 'reused' ? Buffer.from(bytes) : bytes;
  }

  /** The text of all bytes (default UTF-8), right also for characters that lie across segments. */
  toString(encoding: BufferEncoding = 'utf8'): string {
    if (!this.isSingleSegment) return this.toBuffer().toString(encoding);
    return this.#startSegment.memory.toString(encoding, this.#startIndex, this.#startIndex + this.length);
  }

  /** The segments in their order, the empty ones skipped. */
  *[Symbol.iterator](): IterableIterator<Buffer> {
    for (const { segment, from, to } of this.#pieces()) yield segment.view(from, to);
  }

  /** @internal The segments as chunks that stay good for ever: copies where the memory is used again. */
  *chunks(): IterableIterator<Buffer> {
    for (const { segment, from, to } of this.#pieces()) {
      const bytes = segment.view(from, to);
      yield segment.ownership === 'reused' ? Buffer.from(bytes) : bytes;
    }
  }

  /** The segments that have bytes of this sequence, and which. */
  *#pieces(): IterableIterator<{ segment: BufferSegment; from: number; to: number }> {
    let from = this.#startIndex;
    for (let segment: BufferSegment | null = this.#startSegment; segment !== null; segment = segment.next) {
      const to = this.#endOf(segment);
      if (to > from) yield { segment, from, to };
      if (segment === this.#endSegment) return;
      from = 0;
    }
  }

  get #startOffset(): number {
    return this.#startSegment.runningIndex + this.#startIndex;
  }

  #endOf(segment: BufferSegment): number {
    return segment === this.#endSegment ? this.#endIndex : segment.end;
  }

  /** The place of an offset of the chain; at a border it is the start of the next segment that has bytes. */
  #seek(offset: number): SequencePosition {
    if (offset === this.#endSegment.runningIndex + this.#endIndex) return this.end;
    let segment = this.#lastFound.runningIndex <= offset ? this.#lastFound : this.#startSegment;
    while (segment !== this.#endSegment && offset >= segment.runningIndex + segment.end) {
      segment = segment.next as BufferSegment;
    }
    this.#lastFound = segment;
    return new SequencePosition(segment, offset - segment.runningIndex);
  }

  #own(position: SequencePosition, name: string): SequencePosition {
    if (!(position instanceof SequencePosition)) throw notAPosition(name);
    if (position.segment.owner !== this.#startSegment.owner) throw positionForeign();
    const offset = position.offset - this.#startOffset;
    if (offset < 0 || offset > this.length) throw outOfRange(name, offset, 0, this.length);
    // A segment that was taken out of the chain leads nowhere: its place is found by the offset.
    const isTakenOut = position.segment.next === null && position.segment !== this.#endSegment;
    return isTakenOut ? this.#seek(position.offset) : position;
  }
}
