import type { MemoryPool } from 'pipebody';

/** A pool that overwrites what it gets back, lends it again at once, and counts. */
export class PoisoningPool implements MemoryPool {
  readonly lent = new Set<Buffer>();
  readonly #free: Buffer[] = [];
  rentedCount = 0;

  rent(minimumLength: number): Buffer {
    const index = this.#free.findIndex(({ length }) => length >= minimumLength);
    const memory = index === -1 ? Buffer.alloc(minimumLength, 0xaa) : (this.#free.splice(index, 1)[0] as Buffer);
    this.lent.add(memory);
    this.rentedCount += 1;
    return memory;
  }

  return(memory: Buffer): void {
    if (!this.lent.delete(memory)) throw new Error('The pool got back a block that it had not lent, or got it twice.');
    memory.fill(0xdb);
    this.#free.push(memory);
  }
}
