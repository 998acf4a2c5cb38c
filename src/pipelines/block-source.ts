import type { BufferSegment, Ownership } from '../buffers/buffer-segment';
import type { MemoryPool } from '../buffers/memory-pool';
import { blockTooShort } from './errors';

/** Blocks cut from one allocation, once a writer has shown that it needs more than one. */
const blocksPerSlab = 16;

/**
 * Lends the blocks that writers write into.
 *
 * A pool's blocks go back to it and are used again. Without a pool each block is used once, so that whoever got a piece
 * of it may keep it.
 */
export class BlockSource {
  readonly #minimumSize: number;
  readonly #pool: MemoryPool | undefined;
  #slab: Buffer | null = null;
  #slabOffset = 0;

  /** Blocks have at least `minimumSize` bytes. */
  constructor(minimumSize: number, pool: MemoryPool | undefined) {
    this.#minimumSize = minimumSize;
    this.#pool = pool;
  }

  /** Whose the memory of the blocks is. */
  get ownership(): Ownership {
    return this.#pool === undefined ? 'stable' : 'reused';
  }

  rent(sizeHint: number): Buffer {
    if (this.#pool !== undefined) return this.#borrow(this.#pool, sizeHint);
    return sizeHint > this.#minimumSize ? Buffer.allocUnsafeSlow(sizeHint) : this.#cut();
  }

  /** Takes a segment's memory back. */
  takeBack(segment: BufferSegment): void {
    const memory = segment.release();
    if (segment.ownership === 'reused') this.#pool?.return(memory);
  }

  /** A pool may lend less than a whole block, but not less than is needed. */
  #borrow(pool: MemoryPool, sizeHint: number): Buffer {
    const block = pool.rent(Math.max(sizeHint, this.#minimumSize));
    if (block.length >= sizeHint) return block;
    pool.return(block);
    throw blockTooShort(block.length, sizeHint);
  }

  #cut(): Buffer {
    const size = this.#minimumSize;
    if (this.#slab === null) {
      this.#slab = Buffer.alloc(0);
      return Buffer.allocUnsafeSlow(size);
    }
    if (this.#slabOffset + size > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(size * blocksPerSlab);
      this.#slabOffset = 0;
    }
    const block = this.#slab.subarray(this.#slabOffset, this.#slabOffset + size);
    this.#slabOffset += size;
    return block;
  }
}
