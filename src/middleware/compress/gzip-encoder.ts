import { crc32 } from 'node:zlib';
import type { Deflater } from './deflater';
import type { Deflaters } from './deflaters';
import type { EncodeCallback, PieceEncoder } from './piece-encoder';

/** RFC 1952 §2.3.1: deflate, no name, no time, system unknown. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** RFC 1951 §3.2.6: a last block of fixed codes that holds nothing. */
const lastBlock = Buffer.from([3, 0]);

/**
 * gzip out of deflate pieces that end on a byte, as pigz makes it: between two pieces it needs no state of zlib, and
 * shares it with others.
 */
export class GzipEncoder implements PieceEncoder {
  readonly #deflaters: Deflaters;
  readonly #give: (chunk: Buffer) => void;
  #deflater: Deflater | undefined;
  #isDestroyed = false;
  #checksum = 0;
  #length = 0;

  constructor(deflaters: Deflaters, give: (chunk: Buffer) => void) {
    this.#deflaters = deflaters;
    this.#give = give;
    give(head);
  }

  encode(piece: Buffer, callback: EncodeCallback): void {
    // All was given out with the last piece, and zlib takes no bytes at all for the start of a checksum.
    if (piece.length === 0) {
      callback();
      return;
    }
    this.#checksum = crc32(piece, this.#checksum);
    this.#length += piece.length;
    this.#deflaters.lend(this, this.#deflater, (deflater) => {
      this.#deflater = deflater;
      if (this.#isDestroyed) this.destroy();
      else {
        deflater.encode(piece, this.#give, (error) => {
          this.#deflaters.takeBack(deflater);
          callback(error);
        });
      }
    });
  }

  /** Every piece ends with all that it holds. */
  flush(callback: EncodeCallback): void {
    callback();
  }

  end(callback: EncodeCallback): void {
    const sums = Buffer.alloc(8);
    sums.writeUInt32LE(this.#checksum);
    // RFC 1952 §2.3.1: modulo 2^32.
    sums.writeUInt32LE(this.#length % 0x1_0000_0000, 4);
    this.#give(lastBlock);
    this.#give(sums);
    this.destroy();
    callback();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#deflaters.leave(this, this.#deflater);
  }
}
