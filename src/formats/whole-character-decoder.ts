import type { CharsetDecoder } from './charset-decoder';

/** Bytes from here on begin a character of two or four bytes. */
const firstLead = 0x81;
const noBytes = Buffer.alloc(0);

/**
 * Gives a decoder of GB18030 or Big5 whole characters only.
 *
 * iconv-lite 0.7.3 makes room for two bytes of UTF-16 for each byte of a piece; where the first byte of one completes a
 * character that takes four, it loses the last character of the piece.
 */
export class WholeCharacterDecoder implements CharsetDecoder {
  readonly #decoder: CharsetDecoder;
  #unfinished: Buffer = noBytes;

  constructor(decoder: CharsetDecoder) {
    this.#decoder = decoder;
  }

  write(bytes: Buffer): string {
    const all = this.#unfinished.length === 0 ? bytes : Buffer.concat([this.#unfinished, bytes]);
    const length = wholeLength(all);
    // A copy: the memory of the bytes is used again.
    this.#unfinished = Buffer.from(all.subarray(length));
    return this.#decoder.write(all.subarray(0, length));
  }

  end(): string {
    const rest = this.#decoder.write(this.#unfinished);
    return rest + (this.#decoder.end() ?? '');
  }
}

/** GB18030 §6: a digit as the second byte means that there are four. Big5 has none there. */
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
