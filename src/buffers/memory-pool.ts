/** Where pipes take their blocks from, and give each back to: the very `Buffer` that was lent, exactly once. */
export interface MemoryPool {
  /** A block of at least `minimumLength` bytes, not zeroed. */
  rent(minimumLength: number): Buffer;
  /** Takes a block back. Nothing of pipebody reads or writes it after this call. */
  return(memory: Buffer): void;
}
