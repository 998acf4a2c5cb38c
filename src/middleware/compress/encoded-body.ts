import { Writable } from 'node:stream';
import { RecentBlocks } from '../../buffers/recent-blocks';
import type { PipeWriter } from '../../pipelines/pipe-writer';
import type { ContentCoding } from './content-codings';
import type { EncodeCallback, PieceEncoder } from './piece-encoder';

/** Bytes of a body up to which it is encoded at once: 16 KiB take less time than the way to another thread and back. */
export const largestWholeBody = 16_384;

/** Bytes that wait for the encoder before whoever writes should wait. */
const largestPiece = 65_536;

/** Pieces are joined in memory that is used again: no encoder keeps it. */
const blocks = new RecentBlocks();

/** How a body is to be encoded. */
export interface EncodedBodySettings {
  readonly coding: ContentCoding;
  /** Whether each tick's writes are to reach the client. */
  readonly isFlushed: boolean;
  /** Told the bytes of a body that is encoded at once, before they are written. */
  declareLength(byteCount: number): void;
}

/**
 * A body that is encoded into a pipe: at once where its end comes within {@link largestWholeBody}, else in large pieces.
 *
 * A piece is begun when the pipe has taken the last one. It owns the encoder and the pipe: its end completes the pipe,
 * its destruction destroys the encoder.
 */
export class EncodedBody extends Writable {
  readonly #settings: EncodedBodySettings;
  readonly #writer: PipeWriter;
  /** What came before an encoder was needed. */
  readonly #kept: Buffer[] = [];
  #keptLength = 0;
  #encoder: PieceEncoder | undefined;
  #isFlushWanted = false;

  constructor(settings: EncodedBodySettings, writer: PipeWriter) {
    super({ highWaterMark: largestPiece });
    this.#settings = settings;
    this.#writer = writer;
    // Every `res.flush()` that waits listens for its close.
    this.setMaxListeners(0);
    this.#gather();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: EncodeCallback): void {
    this.#take([chunk], callback);
  }

  override _writev(pieces: { chunk: Buffer }[], callback: EncodeCallback): void {
    this.#take(
      pieces.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: EncodeCallback): void {
    const complete = () => void this.#writer.complete().then(() => callback(), callback);
    if (this.#encoder !== undefined) this.#encoder.end(complete);
    else {
      try {
        this.#encodeWhole();
        complete();
      } catch (error) {
        callback(error as Error);
      }
    }
  }

  override _destroy(error: Error | null, callback: EncodeCallback): void {
    this.#encoder?.destroy();
    callback(error);
  }

  /** `res.flush()` looks for it. What was written before goes first. */
  flush(callback: () => void): void {
    this.#isFlushWanted = true;
    this.write('', callback);
    this.uncork();
  }

  #take(chunks: Buffer[], callback: EncodeCallback): void {
    const length = lengthOf(chunks);
    const isFlushWanted = this.#isFlushWanted || this.#settings.isFlushed;
    this.#isFlushWanted = false;
    if (this.#encoder === undefined && !isFlushWanted && this.#keptLength + length <= largestWholeBody) {
      // Whoever was called back may use its memory again.
      this.#kept.push(join(chunks, Buffer.allocUnsafe(length)));
      this.#keptLength += length;
      callback();
    } else this.#encode([...this.#kept.splice(0), ...chunks], isFlushWanted, callback);
  }

  #encode(chunks: Buffer[], isFlushWanted: boolean, callback: EncodeCallback): void {
    const { coding } = this.#settings;
    this.#encoder ??= coding.openEncoder(
      (chunk) => this.#give(chunk),
      (error) => this.destroy(error),
    );
    const block = chunks.length > 1 ? blocks.rent(Math.max(lengthOf(chunks), largestPiece)) : undefined;
    const bytes = block === undefined ? (chunks[0] as Buffer) : join(chunks, block);
    this.#encodeFrom(bytes, isFlushWanted, (error) => {
      if (block !== undefined) blocks.return(block);
      this.#gather();
      callback(error);
    });
  }

  /** Piece by piece, for a chunk may have any length. */
  #encodeFrom(bytes: Buffer, isFlushWanted: boolean, callback: EncodeCallback): void {
    const encoder = this.#encoder as PieceEncoder;
    const rest = bytes.subarray(largestPiece);
    const next = () => {
      if (rest.length > 0 && !this.destroyed) this.#encodeFrom(rest, isFlushWanted, callback);
      else callback();
    };
    encoder.encode(bytes.subarray(0, largestPiece), (error) => {
      if (error || this.destroyed) callback(error);
      else if (isFlushWanted && rest.length === 0) encoder.flush(() => this.#pass(next, callback));
      else this.#pass(next, callback);
    });
  }

  #give(chunk: Buffer): void {
    if (this.destroyed) return;
    this.#writer.getMemory(chunk.length).set(chunk);
    this.#writer.advance(chunk.length);
  }

  /** The next piece has to wait for the client. */
  #pass(next: () => void, fail: EncodeCallback): void {
    if (this.destroyed) fail();
    else this.#writer.flush().then(next, fail);
  }

  /** The way to the encoder's thread costs as much as some kilobytes: what a tick brings goes as one piece. */
  #gather(): void {
    this.cork();
    process.nextTick(() => this.uncork());
  }

  #encodeWhole(): void {
    const [first = Buffer.alloc(0)] = this.#kept;
    const whole = this.#kept.length > 1 ? join(this.#kept, Buffer.allocUnsafe(this.#keptLength)) : first;
    const encoded = this.#settings.coding.encode(whole);
    this.#settings.declareLength(encoded.length);
    // Where it waits for the client, completing the writer settles it with an error.
    this.#writer.write(encoded).catch(() => {});
  }
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}

/** The chunks, one behind the other at the start of a block. */
function join(chunks: readonly Buffer[], block: Buffer): Buffer {
  let at = 0;
  for (const chunk of chunks) {
    block.set(chunk, at);
    at += chunk.length;
  }
  return block.subarray(0, at);
}
