import type { MemoryPool } from './memory-pool';

/** Blocks kept for the next request, and the largest that is kept; the others go to the garbage collector. */
const capacity = 16;
const largestKept = 65_536;

/** The pool of a pipe that was given none: keeps the blocks that came back last. */
export class RecentBlocks implements MemoryPool {
  readonly #blocks: Buffer[] = [];

  rent(minimumLength: number): Buffer {
    const last = this.#blocks.at(-1);
    if (last !== undefined && last.length >= minimumLength) return this.#blocks.pop() as Buffer;
    return Buffer.allocUnsafeSlow(minimumLength);
  }

  return(memory: Buffer): void {
    if (this.#blocks.length < capacity && memory.length <= largestKept) this.#blocks.push(memory);
  }
}
