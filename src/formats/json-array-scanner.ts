const quote = 0x22;
const backslash = 0x5c;
const closingBracket = 0x5d;

const comma = 1;
const open = 2;
const close = 3;
const beginOfString = 4;

/** What a byte outside of strings means for where elements end; 0 is nothing. */
const kindOf = new Uint8Array(256);
for (const [bytes, kind] of [
  [',', comma],
  ['[{', open],
  [']}', close],
  ['"', beginOfString],
] as const) {
  for (const byte of Buffer.from(bytes)) kindOf[byte] = kind;
}

/** What a scan came to: more bytes are needed, the array ended, or an element is nested too deeply. */
export type ScanEnd = 'more' | 'closed' | 'tooDeep';

/**
 * Finds the commas and the end of a JSON array in bytes that come in pieces, behind its opening bracket.
 *
 * It only counts brackets and skips strings. Whether the elements between are JSON is for `JSON.parse` to say: what is
 * wrong with them may lead the count astray, and makes it refuse.
 */
export class JsonArrayScanner {
  readonly #maxDepth: number;
  #depth = 0;
  #isInString = false;
  /** Bytes of the next piece that an escape in this one takes. */
  #escapedBytes = 0;
  /** Where the bracket is that is nested too deeply, counted as the ends are. */
  #tooDeepAt = -1;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  get tooDeepAt(): number {
    return this.#tooDeepAt;
  }

  /**
   * Adds to `ends` where the elements end, which is at a comma or at the bracket that closes the array, counted from
   * `origin` bytes before the piece. An array of nothing has such an end too.
   */
  scan(bytes: Buffer, origin: number, ends: number[]): ScanEnd {
    let index = this.#isInString ? this.#skipString(bytes, this.#escapedBytes) + 1 : 0;
    // Local, as V8 does not keep a private field in a register.
    let depth = this.#depth;
    for (; index < bytes.length; index += 1) {
      const kind = kindOf[bytes[index] as number];
      if (kind === 0) continue;
      if (kind === beginOfString) {
        index = this.#skipString(bytes, index + 1);
      } else if (kind === open) {
        depth += 1;
        if (depth > this.#maxDepth) {
          this.#tooDeepAt = origin + index;
          return 'tooDeep';
        }
      } else if (depth > 0) {
        if (kind === close) depth -= 1;
      } else if (kind === comma) {
        ends.push(origin + index);
      } else if (bytes[index] === closingBracket) {
        ends.push(origin + index);
        return 'closed';
      }
    }
    this.#depth = depth;
    return 'more';
  }

  /** The place of the quote that ends the string; behind the bytes when it goes on. */
  #skipString(bytes: Buffer, from: number): number {
    const { length } = bytes;
    let index = from;
    for (let byte = bytes[index]; index < length && byte !== quote; byte = bytes[index]) {
      index += byte === backslash ? 2 : 1;
    }
    this.#isInString = index >= length;
    this.#escapedBytes = index - length;
    return index;
  }
}
