import { bufferReleased } from './errors';

/**
 * Whose the memory of a segment is (docs/decisions/004).
 *
 * `stable`: written once and never used again, so that whoever got hold of it may keep it. `reused`: goes back to a pool.
 * `borrowed`: belongs to a writer's caller, who gets it back when the write settles; it is copied before it is handed out.
 */
export type Ownership = 'stable' | 'reused' | 'borrowed';

/**
 * One contiguous piece of bytes in a chain. Sequences are views over such chains.
 *
 * Offsets are absolute within the chain: the byte at `index` has the offset `runningIndex + index`.
 */
export class BufferSegment {
  next: BufferSegment | null = null;
  #memory: Buffer | null;

  constructor(
    memory: Buffer,
    /** How many bytes of the memory hold data. Grows while a writer fills the memory. */
    public end: number,
    /** The offset in the chain of this segment's first byte. */
    readonly runningIndex: number,
    /** Who made the chain; positions of another chain are told by it. */
    readonly owner: object,
    public ownership: Ownership,
  ) {
    this.#memory = memory;
  }

  /** The memory, to look at; refused once it was given back. What leaves the package goes through {@link view}. */
  get memory(): Buffer {
    if (this.#memory === null) throw bufferReleased();
    return this.#memory;
  }

  /** Bytes that can still be written after {@link end}. */
  get room(): number {
    return this.memory.length - this.end;
  }

  /** Takes the memory out: from here on every view over this segment refuses. */
  release(): Buffer {
    const memory = this.memory;
    this.#memory = null;
    return memory;
  }

  /** Copies borrowed bytes that are still needed into memory of our own. */
  own(): void {
    if (this.ownership !== 'borrowed' || this.#memory === null) return;
    this.#memory = Buffer.from(this.#memory);
    this.ownership = 'stable';
  }

  /** The bytes from `start` to `end`, to be handed out: the memory itself where that is all of it. */
  view(start: number, end: number): Buffer {
    this.own();
    const { memory } = this;
    return start === 0 && end === memory.length ? memory : memory.subarray(start, end);
  }
}
