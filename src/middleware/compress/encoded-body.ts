import { Writable } from 'node:stream';
import type { PipeWriter } from '../../pipelines/pipe-writer';
import type { Encoder } from './content-codings';

type WriteCallback = (error?: Error | null) => void;

/** Bytes that wait for the encoder before whoever writes should wait. */
const largestPiece = 32_768;

/**
 * A body that goes through an encoder into a pipe. What is written while the encoder works goes to it as one piece.
 *
 * It owns the encoder and the pipe: its end completes the pipe, its destruction destroys the encoder.
 */
export class EncodedBody extends Writable {
  readonly #encoder: Encoder;
  readonly #writer: PipeWriter;
  #block = Buffer.alloc(0);
  /** The last bytes that came out are on their way into the pipe. */
  #passing = Promise.resolve<unknown>(undefined);

  constructor(encoder: Encoder, writer: PipeWriter) {
    super({ highWaterMark: largestPiece });
    this.#encoder = encoder;
    this.#writer = writer;
    encoder.on('data', (chunk: Buffer) => this.#pass(chunk));
    encoder.on('error', (error) => this.destroy(error));
    this.#gather();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#encode(chunk, callback);
  }

  override _writev(pieces: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#encode(this.#join(pieces.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: WriteCallback): void {
    // 'end' comes with the last bytes, also while they wait for the pipe.
    this.#encoder.once('end', () =>
      this.#passing
        .then(() => this.#writer.complete())
        .then(
          () => callback(),
          (error) => callback(error),
        ),
    );
    this.#encoder.end();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    this.#encoder.destroy();
    callback(error);
  }

  /** `res.flush()` looks for it. What was written before goes first; behind the end nothing is left to do. */
  flush(callback: () => void): void {
    this.uncork();
    this.write('', () => (this.#encoder.writable ? this.#encoder.flush(callback) : callback()));
  }

  #encode(chunk: Buffer, callback: WriteCallback): void {
    this.#encoder.write(chunk, (error) => {
      this.#gather();
      callback(error);
    });
  }

  /** The encoder is done with the block when it asks for more: it is used again. */
  #join(chunks: Buffer[]): Buffer {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (length > this.#block.length) this.#block = Buffer.allocUnsafeSlow(length);
    let at = 0;
    for (const chunk of chunks) {
      this.#block.set(chunk, at);
      at += chunk.length;
    }
    return this.#block.subarray(0, length);
  }

  /** The way to the encoder's thread costs as much as some kilobytes: what a tick brings goes as one piece. */
  #gather(): void {
    this.cork();
    process.nextTick(() => this.uncork());
  }

  #pass(chunk: Buffer): void {
    this.#encoder.pause();
    this.#passing = this.#writer.write(chunk).then(
      () => this.#encoder.resume(),
      (error) => this.destroy(error),
    );
  }
}
