import type { Writable } from 'node:stream';
import type { BodySink } from './body-sink';
import type { WriteCallback } from './write-callback';

/** A stream that a starting callback swapped in: what was written above it goes through it. */
export class StreamSink implements BodySink {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Its bytes are counted beneath it, as they leave. */
  accept(): void {}

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    return this.#stream.write(chunk, encoding as BufferEncoding, callback);
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.#stream.end(chunk, encoding as BufferEncoding, callback as () => void);
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
