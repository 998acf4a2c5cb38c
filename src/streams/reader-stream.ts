import { Readable } from 'node:stream';
import { AbortError } from '../pipelines/abort-error';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';

/**
 * A `Readable` over a reader. It takes from the reader only what is asked of it (its `highWaterMark` is 0).
 *
 * Its end and its destruction complete the reader, the latter with the error; with `leaveOpen` neither does.
 */
export class ReaderStream extends Readable {
  readonly #reader: PipeReader;
  readonly #leaveOpen: boolean;
  #isWaiting = false;

  constructor(reader: PipeReader, leaveOpen: boolean) {
    super({ highWaterMark: 0 });
    this.#reader = reader;
    this.#leaveOpen = leaveOpen;
  }

  override _read(): void {
    if (this.#isWaiting) return;
    try {
      const result = this.#reader.tryRead();
      if (result !== undefined && this.#take(result)) return;
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    this.#isWaiting = true;
    this.#reader.read().then(this.#whenRead, this.#whenFailed);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#leaveOpen) {
      if (this.#isWaiting) this.#reader.cancelPendingRead();
      callback(error);
      return;
    }
    this.#reader.complete(error ?? undefined).then(
      () => callback(error),
      (failure) => callback(error ?? failure),
    );
  }

  readonly #whenRead = (result: ReadResult): void => {
    this.#isWaiting = false;
    if (this.destroyed) {
      if (this.#leaveOpen) this.#reader.advanceTo(result.buffer.start);
      return;
    }
    try {
      if (!this.#take(result)) this._read();
    } catch (error) {
      this.destroy(error as Error);
    }
  };

  readonly #whenFailed = (error: Error): void => {
    this.#isWaiting = false;
    this.destroy(error);
  };

  /** Pushes what was read; false when it was nothing. */
  #take({ buffer, isCompleted, isCanceled }: ReadResult): boolean {
    if (isCanceled) {
      this.#reader.advanceTo(buffer.start);
      throw new AbortError(undefined, 'The read was cancelled by cancelPendingRead().');
    }
    const chunks = [...buffer.chunks()];
    this.#reader.advanceTo(buffer.end);
    for (const chunk of chunks) this.push(chunk);
    if (isCompleted) this.push(null);
    return isCompleted || chunks.length > 0;
  }
}
