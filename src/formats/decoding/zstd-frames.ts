import { tooManyFrames } from '../errors';

/** Bytes of what a frame says of itself; numbers are little-endian. */
const fieldLengths = { magic: 4, descriptor: 1, blockHeader: 3, skippableSize: 4 };
type Field = keyof typeof fieldLengths;

const magicOfFrame = 0xfd2fb528;
/** The last four bits are free. */
const magicOfSkippable = 0x184d2a50;
const dictionaryIdLengths = [0, 1, 2, 4] as const;
const contentSizeLengths = [0, 2, 4, 8] as const;
const runLengthBlock = 1;
const checksumLength = 4;
/** Each costs a turn of the thread pool, and the shortest has 8 bytes. Parallel encoders make one of a megabyte or more. */
const framesAtMost = 1_024;

/**
 * Where the frames of a zstd body end, by their headers and those of their blocks (RFC 8878 §3.1).
 *
 * The decoders of node:zlib do not tell. That of Node 22 takes a body that is cut off for a whole one, and before Node 26
 * they stop at a frame that does not begin with a chunk.
 */
export class ZstdFrames {
  #field: Field = 'magic';
  #value = 0;
  #taken = 0;
  /** Bytes up to the next field. */
  #skipped = 0;
  #hasChecksum = false;
  #frameCount = 0;

  /** Whether the bytes so far are whole frames, one at least. */
  get isWhole(): boolean {
    return this.#frameCount > 0 && this.#field === 'magic' && this.#taken === 0 && this.#skipped === 0;
  }

  /** The next bytes, in pieces that do not go beyond the end of a frame. More than 1,024 frames are a 400. */
  split(bytes: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let start = 0;
    for (let index = 0; index < bytes.length; ) {
      if (this.#skipped > 0) index += this.#skip(bytes.length - index);
      else this.#take(bytes[index++] as number);
      if (!this.isWhole && index < bytes.length) continue;
      pieces.push(bytes.subarray(start, index));
      start = index;
    }
    return pieces;
  }

  #skip(length: number): number {
    const skipped = Math.min(length, this.#skipped);
    this.#skipped -= skipped;
    return skipped;
  }

  #take(byte: number): void {
    this.#value += byte * 256 ** this.#taken;
    this.#taken += 1;
    if (this.#taken < fieldLengths[this.#field]) return;
    const value = this.#value;
    this.#value = 0;
    this.#taken = 0;
    this.#goOn(value);
  }

  #goOn(value: number): void {
    switch (this.#field) {
      case 'magic':
        if (value === magicOfFrame) this.#field = 'descriptor';
        else if (value - (value % 16) === magicOfSkippable) this.#field = 'skippableSize';
        // No frame: the decoder refuses it.
        else this.#skipped = Number.POSITIVE_INFINITY;
        return;
      case 'descriptor':
        this.#skipped = headerLength(value);
        this.#hasChecksum = (value & 0b100) !== 0;
        this.#field = 'blockHeader';
        return;
      case 'blockHeader':
        this.#goOnAfterBlock(value & 1, (value >> 1) & 0b11, value >> 3);
        return;
      default:
        this.#endFrame(value);
    }
  }

  #goOnAfterBlock(isLast: number, type: number, size: number): void {
    const length = type === runLengthBlock ? 1 : size;
    if (isLast) this.#endFrame(length + (this.#hasChecksum ? checksumLength : 0));
    else this.#skipped = length;
  }

  #endFrame(remaining: number): void {
    this.#skipped = remaining;
    this.#frameCount += 1;
    if (this.#frameCount > framesAtMost) throw tooManyFrames(framesAtMost);
    this.#field = 'magic';
  }
}

/** What follows the descriptor: the window, the dictionary and the size of the content. */
function headerLength(descriptor: number): number {
  const isSingleSegment = (descriptor & 0b100000) !== 0;
  const dictionaryId = dictionaryIdLengths[descriptor & 0b11] as number;
  const contentSize = contentSizeLengths[descriptor >> 6] as number;
  return dictionaryId + (isSingleSegment ? Math.max(1, contentSize) : 1 + contentSize);
}
