import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WriterOptions } from '../pipelines/stream-options';
import { SinkPipeWriter } from './sink-pipe-writer';

/**
 * A writer over a `Writable`. `complete()` ends the stream and settles when its writable side has finished,
 * `complete(error)` destroys it; with `leaveOpen` both only let go of it.
 */
export class WritablePipeWriter extends SinkPipeWriter {
  readonly #destination: Writable;
  readonly #leaveOpen: boolean;

  constructor(destination: Writable, options: WriterOptions) {
    super(options);
    this.#destination = destination;
    this.#leaveOpen = options.leaveOpen ?? false;
    if (destination.destroyed) this.lost(destination.errored);
    else destination.on('error', this.#onError).on('close', this.#onClose).on('drain', this.#onDrain);
  }

  protected override send(chunk: Buffer): void {
    this.#destination.write(chunk);
  }

  protected override isFull(): boolean {
    return this.#destination.writableNeedDrain;
  }

  protected override close(error: unknown): Promise<void> {
    const destination = this.#destination;
    if (this.#leaveOpen) return Promise.resolve(this.#stopListening());
    if (this.completion.hasError) destination.destroy(error as Error);
    else destination.end();
    return finished(destination, { readable: false, cleanup: true })
      .catch((failure) => {
        // A reader that closed without an error is no failure of the writer; flush() said so by `isCompleted`.
        if (!this.completion.hasError && (this.gone.hasError || !this.gone.isCompleted)) throw failure;
      })
      .finally(() => this.#stopListening());
  }

  #stopListening(): void {
    this.#destination.off('error', this.#onError).off('close', this.#onClose).off('drain', this.#onDrain);
  }

  readonly #onDrain = (): void => this.drained();

  readonly #onError = (error: unknown): void => this.lost(error);

  readonly #onClose = (): void => this.lost(this.#destination.errored);
}
