import { Writable } from 'node:stream';
import { flushCanceled } from '../pipelines/errors';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult } from '../pipelines/results';
import { viewDestroyed } from './errors';

interface PendingChunk {
  readonly chunk: Buffer;
}

/**
 * A `Writable` over a writer. Its end completes the writer, its destruction completes it with the error; with
 * `leaveOpen` its end only flushes. When nobody reads any more it closes itself, so that a producer stops.
 */
export class WriterStream extends Writable {
  readonly #writer: PipeWriter;
  readonly #leaveOpen: boolean;

  constructor(writer: PipeWriter, leaveOpen: boolean) {
    super();
    this.#writer = writer;
    this.#leaveOpen = leaveOpen;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#settle(this.#writer.write(chunk), callback);
  }

  override _writev(chunks: PendingChunk[], callback: (error?: Error | null) => void): void {
    try {
      for (const { chunk } of chunks) {
        this.#writer.getMemory(chunk.length).set(chunk);
        this.#writer.advance(chunk.length);
      }
    } catch (error) {
      callback(error as Error);
      return;
    }
    this.#settle(this.#writer.flush(), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    const done = this.#leaveOpen ? this.#writer.flush() : this.#writer.complete();
    done.then(() => callback(), callback);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#leaveOpen && !this.writableFinished) {
      this.#writer.complete(error ?? viewDestroyed()).catch(() => {});
    }
    callback(error);
  }

  #settle(flushed: Promise<FlushResult>, callback: (error?: Error | null) => void): void {
    flushed.then(({ isCanceled, isCompleted }) => {
      // Before the callback, so that no 'drain' asks for more.
      if (isCompleted) this.destroy();
      callback(isCanceled ? flushCanceled('write') : null);
    }, callback);
  }
}
