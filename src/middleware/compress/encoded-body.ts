import { Writable } from 'node:stream';
import type { PipeWriter } from '../../pipelines/pipe-writer';
import type { Encoder } from './content-codings';

/**
 * A body that goes through an encoder into a pipe. What is written while the encoder works goes to it as one piece.
 *
 * It owns the encoder and the pipe: its end completes the pipe, its destruction destroys the encoder.
 */
export class EncodedBody extends Writable {
  readonly #encoder: Encoder;
  readonly #writer: PipeWriter;

  constructor(encoder: Encoder, writer: PipeWriter) {
    super({ highWaterMark: largestPiece });
    this.#encoder = encoder;
    this.#writer = writer;
    encoder.on('data', (chunk: Buffer) => this.#pass(chunk));
    encoder.on('error', (error) => this.destroy(error));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#encoder.write(chunk, callback);
  }

  override _writev(pieces: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.#encoder.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#encoder.once('end', () => this.#writer.complete().then(() => callback(), callback));
    this.#encoder.end();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#encoder.destroy();
    callback(error);
  }

  /** `res.flush()` looks for it. */
  flush(callback: () => void): void {
    this.#encoder.flush(callback);
  }

  #pass(chunk: Buffer): void {
    this.#encoder.pause();
    this.#writer.write(chunk).then(
      () => this.#encoder.resume(),
      (error) => this.destroy(error),
    );
  }
}

/** Bytes that wait for the encoder before whoever writes should wait. */
const largestPiece = 65_536;
