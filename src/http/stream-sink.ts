import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { BodySink } from './body-sink';
import type { WriteCallback } from './write-callback';

/** A stream that a starting callback swapped in: what was written above it goes through it. */
export class StreamSink implements BodySink {
  readonly #stream: Writable;
  readonly #response: ServerResponse;

  constructor(stream: Writable, response: ServerResponse) {
    this.#stream = stream;
    this.#response = response;
  }

  /** Its bytes are counted beneath it, as they leave. */
  accept(): void {}

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    return this.#stream.write(chunk, encoding as BufferEncoding, callback);
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    if (callback !== undefined) this.#response.once('finish', callback);
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
