import type { BufferSegment } from './buffer-segment';
import { notASequence, outOfRange } from './errors';
import { ReadOnlySequence } from './read-only-sequence';
import { SequencePosition } from './sequence-position';

/**
 * A place in a {@link ReadOnlySequence} that moves: forward, back, and by looking ahead.
 *
 * It keeps the segments that it passed, so that neither direction begins anew at the sequence's start.
 */
export class SequenceCursor {
  /** The sequence that is read. */
  readonly sequence: ReadOnlySequence;
  readonly #startOffset: number;
  /** @internal */
  protected readonly endSegment: BufferSegment;
  /** @internal */
  protected readonly endIndex: number;
  /** The segments before the current one, so that {@link rewind} need not begin at the sequence's start. */
  readonly #passed: BufferSegment[] = [];
  /** @internal With `index` the cursor: at a byte, or at the end of the sequence; never at the end of another segment. */
  protected segment: BufferSegment;
  /** @internal */
  protected index: number;
  /** Where {@link tryPeek} looked last, so that a loop over offsets stays linear. */
  #lastPeeked: BufferSegment;

  /** A cursor at the start of a sequence. `TypeError` for what is none. */
  constructor(sequence: ReadOnlySequence) {
    if (!(sequence instanceof ReadOnlySequence)) throw notASequence();
    const { start, end } = sequence;
    this.sequence = sequence;
    this.#startOffset = start.offset;
    this.endSegment = end.segment;
    this.endIndex = end.index;
    this.segment = start.segment;
    this.index = start.index;
    this.#lastPeeked = start.segment;
  }

  /** What lies after the cursor, as a view. */
  get unreadSequence(): ReadOnlySequence {
    return new ReadOnlySequence(this.segment, this.index, this.endSegment, this.endIndex);
  }

  /** Where the cursor is; at the end it is the sequence's `end`. */
  get position(): SequencePosition {
    return new SequencePosition(this.segment, this.index);
  }

  /** Bytes before the cursor. */
  get consumed(): number {
    return this.offset - this.#startOffset;
  }

  /** Bytes after the cursor. */
  get remaining(): number {
    return this.endSegment.runningIndex + this.endIndex - this.offset;
  }

  /** Bytes of the whole sequence. */
  get length(): number {
    return this.sequence.length;
  }

  /** Whether nothing is left to read. */
  get end(): boolean {
    return this.segment === this.endSegment && this.index === this.endIndex;
  }

  /** The byte `offset` bytes after the cursor (default 0, the next one), without moving. `RangeError` below 0. */
  tryPeek(offset = 0): number | undefined {
    checkCount('offset', offset, Number.MAX_SAFE_INTEGER);
    if (offset >= this.remaining) return undefined;
    const target = this.offset + offset;
    const { runningIndex } = this.#lastPeeked;
    const isOnTheWay = runningIndex > this.segment.runningIndex && runningIndex <= target;
    let segment = isOnTheWay ? this.#lastPeeked : this.segment;
    while (target >= segment.runningIndex + segment.end) segment = segment.next as BufferSegment;
    this.#lastPeeked = segment;
    return segment.memory[target - segment.runningIndex];
  }

  /** The next byte, and moves behind it. */
  tryRead(): number | undefined {
    if (this.end) return undefined;
    const byte = this.segment.memory[this.index];
    this.move(1);
    return byte;
  }

  /** Moves forward. `RangeError` past the end; unlike in .NET the cursor then stays where it was. */
  advance(count: number): void {
    checkCount('count', count, this.remaining);
    this.move(count);
  }

  /** Moves behind the last byte. */
  advanceToEnd(): void {
    this.move(this.remaining);
  }

  /** Moves back. `RangeError` for more than {@link SequenceCursor.consumed}. */
  rewind(count: number): void {
    checkCount('count', count, this.consumed);
    this.index -= count;
    while (this.index < 0) {
      this.segment = this.#passed.pop() as BufferSegment;
      this.index += this.segment.end;
    }
  }

  /** The cursor's offset in the whole chain. */
  protected get offset(): number {
    return this.segment.runningIndex + this.index;
  }

  /** Moves forward by a count that is known to be there, on to the next byte or the end of the sequence. */
  protected move(count: number): void {
    let index = this.index + count;
    while (this.segment !== this.endSegment && index >= this.segment.end) {
      index -= this.segment.end;
      this.#passed.push(this.segment);
      this.segment = this.segment.next as BufferSegment;
    }
    this.index = index;
  }
}

export function checkCount(name: string, count: number, maximum: number): void {
  if (!Number.isInteger(count) || count < 0 || count > maximum) throw outOfRange(name, count, 0, maximum);
}
