import { isUint8Array } from 'node:util/types';
import { notASet } from './errors';

/** Programs look for few different texts; with more than these, making a set anew is no loss. */
const rememberedTexts = 64;
const setsByText = new Map<string, ByteSet>();

/** Some of the 256 bytes, to look up many bytes in. */
export class ByteSet {
  readonly #isMember = new Uint8Array(256);

  private constructor(bytes: Uint8Array) {
    for (const byte of bytes) this.#isMember[byte] = 1;
  }

  /** The bytes given, or the UTF-8 bytes of a text. `TypeError`, which says `name`, for anything else. */
  static of(values: Uint8Array | string, name: string): ByteSet {
    if (typeof values === 'string') return setsByText.get(values) ?? remember(values, new ByteSet(Buffer.from(values)));
    if (!isUint8Array(values)) throw notASet(name);
    return new ByteSet(values);
  }

  has(byte: number): boolean {
    return this.#isMember[byte] === 1;
  }
}

function remember(text: string, set: ByteSet): ByteSet {
  if (setsByText.size >= rememberedTexts) setsByText.clear();
  setsByText.set(text, set);
  return set;
}
