import { BufferSegment, type Ownership } from '../buffers/buffer-segment';
import { notAPosition, outOfRange, positionForeign } from '../buffers/errors';
import { ReadOnlySequence } from '../buffers/read-only-sequence';
import { SequencePosition } from '../buffers/sequence-position';
import { examinedBeforeConsumed, positionReleased } from './errors';

const noBytes = Buffer.alloc(0);

/** Chunks of at most so many bytes are copied together, */
const smallChunk = 256;
/** once so many others wait, */
const smallChunksByReference = 64;
/** into pieces of so many: a quarter of Node's own pool for small buffers. */
const joinedLength = 2_048;

/**
 * The bytes that were written and not consumed: a chain of segments, and how far it was consumed and examined.
 *
 * Offsets count all bytes since the pipe was made and never start again, so that a position from before is told.
 */
export class UnreadBytes {
  #head: BufferSegment | null = null;
  #tail: BufferSegment | null = null;
  #consumedOffset = 0;
  #examinedOffset = 0;
  #writtenOffset = 0;
  /** That were added since everything was consumed. */
  #smallChunks = 0;
  readonly #releaseMemory: ((segment: BufferSegment) => void) | undefined;

  /** `releaseMemory` gets every segment whose bytes are all consumed, once, and must release it. */
  constructor(releaseMemory?: (segment: BufferSegment) => void) {
    this.#releaseMemory = releaseMemory;
  }

  get length(): number {
    return this.#writtenOffset - this.#consumedOffset;
  }

  /** Bytes that no read looked at: these, not the bytes kept, hold a writer back. */
  get unexaminedLength(): number {
    return this.#writtenOffset - this.#examinedOffset;
  }

  /** The segment that bytes are being written into, or null. */
  get tail(): BufferSegment | null {
    return this.#tail;
  }

  /**
   * Adds a chunk by reference. Where many small ones wait to be read, those that follow are copied together: a chunk and
   * its segment take 500 bytes, however few are in them.
   */
  append(chunk: Buffer): void {
    if (this.length === 0) this.#smallChunks = 0;
    if (chunk.length <= smallChunk) this.#smallChunks += 1;
    if (chunk.length <= smallChunk && this.#smallChunks > smallChunksByReference) this.#appendCopy(chunk);
    else this.#link(new BufferSegment(chunk, chunk.length, this.#endOffset, this, 'stable'));
    this.#writtenOffset += chunk.length;
  }

  #appendCopy(chunk: Buffer): void {
    // Small chunks before it wait to be read: there is a segment.
    let tail = this.#tail as BufferSegment;
    if (tail.room < chunk.length) tail = this.appendBlock(Buffer.allocUnsafe(joinedLength), 'stable');
    tail.memory.set(chunk, tail.end);
    tail.end += chunk.length;
  }

  /** Adds an empty block to write into; {@link commit} counts what was written. */
  appendBlock(memory: Buffer, ownership: Ownership): BufferSegment {
    const segment = new BufferSegment(memory, 0, this.#endOffset, this, ownership);
    this.#link(segment);
    return segment;
  }

  /** Adds a chunk that belongs to somebody else, by reference; {@link commit} counts it. */
  appendBorrowed(chunk: Buffer): BufferSegment {
    const segment = new BufferSegment(chunk, chunk.length, this.#endOffset, this, 'borrowed');
    this.#link(segment);
    return segment;
  }

  /** Bytes already lying in the chain are to be read from now on. */
  commit(byteCount: number): void {
    this.#writtenOffset += byteCount;
  }

  /** Everything that is there. */
  sequence(): ReadOnlySequence {
    const head = this.#head;
    if (head === null || this.length === 0) return this.#emptySequence();
    let tail = this.#tail as BufferSegment;
    if (tail.runningIndex >= this.#writtenOffset) tail = this.#segmentAt(head, this.#writtenOffset);
    return new ReadOnlySequence(
      head,
      this.#consumedOffset - head.runningIndex,
      tail,
      this.#writtenOffset - tail.runningIndex,
    );
  }

  /** Gives back the last block when nothing was written into it, so that no reader meets an empty segment. */
  dropEmptyTail(): void {
    const tail = this.#tail;
    if (tail === null || tail.end > 0) return;
    this.#tail = this.#before(tail);
    if (this.#tail === null) this.#head = null;
    else this.#tail.next = null;
    this.#release(tail);
  }

  /** How many bytes lie before a position, which is checked. */
  lengthUntil(consumed: SequencePosition): number {
    return this.#check(consumed, 'consumed') - this.#consumedOffset;
  }

  /** Checks both positions first, then gives back what lies before `consumed`. */
  advance(consumed: SequencePosition, examined: SequencePosition): void {
    const consumedOffset = this.#check(consumed, 'consumed');
    const examinedOffset = examined === consumed ? consumedOffset : this.#check(examined, 'examined');
    if (examinedOffset < consumedOffset) {
      const start = this.#consumedOffset;
      throw examinedBeforeConsumed(consumedOffset - start, examinedOffset - start);
    }
    this.#consumedOffset = consumedOffset;
    this.#examinedOffset = examinedOffset;
    this.#releaseConsumed();
  }

  /** Bytes that were consumed last are there again. Those that their block still holds are read where they lie. */
  putBack(chunk: Buffer): void {
    const head = this.#head;
    const keptLength = head === null ? 0 : this.#consumedOffset - head.runningIndex;
    const goneLength = Math.max(0, chunk.length - keptLength);
    this.#consumedOffset -= chunk.length;
    this.#examinedOffset = this.#consumedOffset;
    if (goneLength === 0) return;
    const gone = new BufferSegment(chunk.subarray(0, goneLength), goneLength, this.#consumedOffset, this, 'stable');
    gone.next = head;
    this.#head = gone;
    this.#tail ??= gone;
  }

  /** Gives back all that is there. The last block stays, with what room it has. */
  consumeAll(): void {
    this.#consumedOffset = this.#writtenOffset;
    this.#examinedOffset = this.#writtenOffset;
    this.#releaseConsumed();
    if (this.#tail?.room === 0) this.releaseTail();
  }

  /** Forgets everything that was not read, and releases its memory. */
  clear(): void {
    this.#consumedOffset = this.#writtenOffset;
    this.#examinedOffset = this.#writtenOffset;
    for (let segment = this.#head; segment !== null; segment = segment.next) this.#release(segment);
    this.#head = null;
    this.#tail = null;
  }

  /** Lets go of the last segment too, when all its bytes were consumed and nobody writes into it. */
  releaseTail(): void {
    const tail = this.#tail;
    if (tail === null || tail !== this.#head || tail.runningIndex + tail.end > this.#consumedOffset) return;
    this.#head = null;
    this.#tail = null;
    this.#release(tail);
  }

  get #endOffset(): number {
    return this.#tail === null ? this.#writtenOffset : this.#tail.runningIndex + this.#tail.end;
  }

  #link(segment: BufferSegment): void {
    if (this.#tail === null) this.#head = segment;
    else this.#tail.next = segment;
    this.#tail = segment;
  }

  #check(position: SequencePosition, name: string): number {
    if (!(position instanceof SequencePosition)) throw notAPosition(name);
    if (position.segment.owner !== this) throw positionForeign();
    const offset = position.offset;
    if (offset < this.#consumedOffset) throw positionReleased();
    if (offset > this.#writtenOffset) throw outOfRange(name, offset - this.#consumedOffset, 0, this.length);
    return offset;
  }

  #releaseConsumed(): void {
    let head = this.#head;
    while (head !== null && head !== this.#tail && head.runningIndex + head.end <= this.#consumedOffset) {
      const next: BufferSegment | null = head.next;
      this.#release(head);
      head = next;
    }
    this.#head = head;
  }

  #release(segment: BufferSegment): void {
    if (this.#releaseMemory === undefined) segment.release();
    else this.#releaseMemory(segment);
  }

  #before(last: BufferSegment): BufferSegment | null {
    if (this.#head === last) return null;
    let segment = this.#head;
    while (segment !== null && segment.next !== last) segment = segment.next;
    return segment;
  }

  #segmentAt(head: BufferSegment, offset: number): BufferSegment {
    let segment = head;
    while (segment.runningIndex + segment.end < offset) segment = segment.next as BufferSegment;
    return segment;
  }

  #emptySequence(): ReadOnlySequence {
    const segment = new BufferSegment(noBytes, 0, this.#consumedOffset, this, 'stable');
    return new ReadOnlySequence(segment, 0, segment, 0);
  }
}
