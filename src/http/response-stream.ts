import { Writable } from 'node:stream';
import type { NativeResponse, WriteCallback } from './native-response';
import type { ResponsePipeWriter } from './response-pipe-writer';

/**
 * The response as a `Writable` of its own: what a transform is piped into, beneath what replaced it.
 *
 * Its end ends the response, its destruction before that cuts the connection. When the client is gone it closes
 * without an error.
 */
export class ResponseStream extends Writable {
  readonly #native: NativeResponse;
  readonly #writer: ResponsePipeWriter;

  constructor(native: NativeResponse, writer: ResponsePipeWriter) {
    super();
    this.#native = native;
    this.#writer = writer;
    native.response.once('close', () => this.destroy());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#writer.handOver();
    this.#native.write(chunk, undefined, () => callback());
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#writer.handOver();
    const last = chunks.length - 1;
    chunks.forEach(({ chunk }, index) => {
      this.#native.write(chunk, undefined, index === last ? () => callback() : undefined);
    });
  }

  override _final(callback: WriteCallback): void {
    this.#writer.handOver();
    if (this.#native.isOpen) this.#native.end(undefined, undefined, () => callback());
    else callback();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (!this.writableFinished) this.#native.response.destroy(error ?? undefined);
    callback(error);
  }
}
