import type { Writable } from 'node:stream';
import type { BodySink } from './body-sink';
import type { NativeResponse } from './native-response';
import type { WriteCallback } from './write-callback';

/** A stream that a starting callback swapped in: what was written above it goes through it. */
export class StreamSink implements BodySink {
  readonly #stream: Writable;
  readonly #native: NativeResponse;

  constructor(stream: Writable, native: NativeResponse) {
    this.#stream = stream;
    this.#native = native;
  }

  /** Its bytes are counted beneath it, as they leave. */
  accept(): void {}

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    return this.#stream.write(chunk, encoding as BufferEncoding, callback);
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.#native.uncork();
    if (callback !== undefined) this.#native.response.once('finish', callback);
    this.#stream.end(chunk, encoding as BufferEncoding);
  }

  get needsDrain(): boolean {
    return this.#stream.writableNeedDrain;
  }

  get isOpen(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded;
  }

  get writableLength(): number {
    return this.#stream.writableLength;
  }
}
