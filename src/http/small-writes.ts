import { BlockSource } from '../pipelines/block-source';
import type { WriteCallback } from './write-callback';

/** Small writes leave as one chunk of at most this many bytes. */
export const blockSize = 16_384;
/** Most responses that write at all write little: their first block comes out of Node's pool. */
const firstBlockSize = 2_048;
/** Larger pieces are not worth a copy: node:http joins those of a tick in one system call. */
const largestPiece = 4_095;
/** A stream queues pieces by itself, and one that wants them larger joins them in memory that it can use again. */
export const largestPieceForStreams = 1_024;

const noBytes: Buffer = Buffer.alloc(0);

/** Collects the small writes of one tick, in memory that is not used again once it was taken. */
export class SmallWrites {
  /** Text is collected up to {@link largestPiece} all the same: it has to become bytes anyway. */
  largestPiece = largestPiece;
  #block = noBytes;
  #filled = 0;
  #callbacks: WriteCallback[] = [];
  /** Made by the first response that fills a block. */
  #blocks: BlockSource | undefined;

  get length(): number {
    return this.#filled;
  }

  /** Whether nothing was collected, and nobody waits to be told. */
  get isIdle(): boolean {
    return this.#filled === 0 && this.#callbacks.length === 0;
  }

  /** Copies a piece behind the others; false when it is too large or does not fit any more. */
  put(piece: string | Uint8Array, encoding?: BufferEncoding): boolean {
    if (typeof piece === 'string') return this.#putText(piece, encoding);
    const { length } = piece;
    if (length > this.largestPiece || !this.#reserve(length)) return false;
    this.#block.set(piece, this.#filled);
    this.#filled += length;
    return true;
  }

  /** Called when the bytes collected so far are out. */
  addCallback(callback: WriteCallback): void {
    this.#callbacks.push(callback);
  }

  /** The bytes, to be sent; the next ones are collected in other memory. */
  take(): Buffer {
    const taken = this.#block.subarray(0, this.#filled);
    this.#block = noBytes;
    this.#filled = 0;
    return taken;
  }

  /** Who is to be told when the bytes that were taken are out. */
  takeCallback(): WriteCallback | undefined {
    const callbacks = this.#callbacks;
    if (callbacks.length === 0) return undefined;
    this.#callbacks = [];
    return (error) => {
      for (const callback of callbacks) callback(error);
    };
  }

  #putText(text: string, encoding: BufferEncoding = 'utf8'): boolean {
    if (encoding !== 'utf8' && encoding !== 'utf-8') return this.put(Buffer.from(text, encoding));
    if (text.length > largestPiece) return false;
    // UTF-8 takes at most three bytes for a unit of UTF-16; only where these do not fit they are counted.
    if (this.#filled + text.length * 3 > this.#block.length && !this.#reserve(Buffer.byteLength(text))) return false;
    this.#filled += this.#block.write(text, this.#filled);
    return true;
  }

  #reserve(byteCount: number): boolean {
    const needed = this.#filled + byteCount;
    if (needed <= this.#block.length) return true;
    if (needed > blockSize) return false;
    const isFirst = this.#blocks === undefined && needed <= firstBlockSize;
    const block = isFirst ? Buffer.allocUnsafe(firstBlockSize) : this.#largeBlock();
    block.set(this.#block.subarray(0, this.#filled));
    this.#block = block;
    return true;
  }

  #largeBlock(): Buffer {
    this.#blocks ??= new BlockSource(blockSize, undefined);
    return this.#blocks.rent(blockSize);
  }
}
