import { Writable } from 'node:stream';
import type { BodyOutlet } from './body-outlet';
import { whenClosed } from './when-closed';
import type { WriteCallback } from './write-callback';

/**
 * The response as a `Writable` of its own: what a transform is piped into, beneath what replaced it.
 *
 * Its end ends the response, its destruction before that cuts the connection. When the client is gone it closes
 * without an error.
 */
export class ResponseStream extends Writable {
  readonly #outlet: BodyOutlet;

  constructor(outlet: BodyOutlet) {
    super();
    this.#outlet = outlet;
    whenClosed(outlet.owner.response, () => this.destroy());
    // Its failure cuts the connection, which is all that anybody can do about it.
    this.on('error', () => {});
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#writeAll([{ chunk }], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#writeAll(chunks, callback);
  }

  override _final(callback: WriteCallback): void {
    if (this.#outlet.isOpen) this.#outlet.end(undefined, undefined, () => callback());
    else callback();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (!this.writableFinished) this.#outlet.owner.response.destroy(error ?? undefined);
    callback(error);
  }

  #writeAll(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    // Of a corked response nothing comes out before its end, which would wait for these bytes.
    const isCorked = this.#outlet.owner.response.writableCorked > 0;
    const last = isCorked ? undefined : chunks.at(-1);
    try {
      this.#outlet.handOver();
      for (const piece of chunks)
        this.#outlet.write(piece.chunk, undefined, piece === last ? () => callback() : undefined);
      if (isCorked) process.nextTick(callback);
    } catch (error) {
      callback(error as Error);
    }
  }
}
