import type { CharsetDecoder } from './charset-decoder';

/** Bytes from here on begin a character of two or four bytes. */
const firstLead = 0x81;
const noBytes = Buffer.alloc(0);

/** How many bytes of a piece the decoder can be given before it knows the next one. */
type WholeLength = (bytes: Buffer) => number;

/** Of the charsets whose characters iconv-lite 0.7.3 loses where they are cut; undefined for all others. */
export function wholeLengthIn(canonicalCharset: string): WholeLength | undefined {
  if (/gb18030|big5/.test(canonicalCharset)) return wholeLength;
  return canonicalCharset.includes('utf7') ? wholeLengthOfUtf7 : undefined;
}

/** Gives a decoder whole characters only. */
export class WholeCharacterDecoder implements CharsetDecoder {
  readonly #decoder: CharsetDecoder;
  readonly #wholeLength: WholeLength;
  #unfinished: Buffer = noBytes;

  constructor(decoder: CharsetDecoder, wholeLength: WholeLength) {
    this.#decoder = decoder;
    this.#wholeLength = wholeLength;
  }

  write(bytes: Buffer): string {
    const all = this.#unfinished.length === 0 ? bytes : Buffer.concat([this.#unfinished, bytes]);
    const length = this.#wholeLength(all);
    // A copy: the memory of the bytes is used again.
    this.#unfinished = Buffer.from(all.subarray(length));
    return this.#decoder.write(all.subarray(0, length));
  }

  end(): string {
    const rest = this.#decoder.write(this.#unfinished);
    return rest + (this.#decoder.end() ?? '');
  }
}

/**
 * GB18030 §6: a digit as the second byte means that there are four. Big5 has none there.
 *
 * iconv-lite makes room for two bytes of UTF-16 for each byte of a piece; where the first byte of one completes a character
 * that takes four, it loses the last character of the piece.
 */
function wholeLength(bytes: Buffer): number {
  for (let index = 0; ; ) {
    const rest = bytes.length - index;
    const isDouble = (bytes[index] as number) >= firstLead;
    const second = bytes[index + 1] as number;
    const length = !isDouble ? 1 : second >= 0x30 && second <= 0x39 ? 4 : 2;
    if (rest < length) return index;
    index += length;
  }
}

const hyphen = 0x2d;

/** Where a piece begins with the hyphen that ends Base64, iconv-lite takes it for the plus sign of `+-`. */
function wholeLengthOfUtf7(bytes: Buffer): number {
  return bytes.at(-1) === hyphen ? bytes.length : Math.max(0, bytes.length - 1);
}
