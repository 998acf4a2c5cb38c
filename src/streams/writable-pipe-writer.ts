import { Transform, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { signalFault } from '../pipelines/abort-error';
import { flushed } from '../pipelines/buffered-pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import type { WriterOptions } from '../pipelines/stream-options';
import { SinkPipeWriter } from './sink-pipe-writer';

/**
 * A writer over a `Writable`. `complete()` ends the stream and settles when its writable side has finished,
 * `complete(error)` destroys it; with `leaveOpen` both only let go of it, the former once it took what was written.
 */
export class WritablePipeWriter extends SinkPipeWriter {
  readonly #destination: Writable;
  readonly #leaveOpen: boolean;
  /** Whether the callbacks of the writes are waited for before the stream is let go. */
  readonly #isAsked: boolean;
  /** Writes whose callback did not run yet. */
  #untaken = 0;
  #whenTaken: (() => void) | undefined;

  constructor(destination: Writable, options: WriterOptions) {
    super(options);
    this.#destination = destination;
    this.#leaveOpen = options.leaveOpen ?? false;
    // The end of a stream tells how its writes went. A Transform calls back when it is read, and what is no Writable of
    // Node's, such as a response whose write() somebody replaced, perhaps never.
    this.#isAsked = this.#leaveOpen && destination instanceof Writable && !(destination instanceof Transform);
    if (destination.destroyed) this.lost(destination.errored);
    else destination.on('error', this.#onError).on('close', this.#onClose).on('drain', this.#onDrain);
  }

  protected override send(chunk: Buffer): void {
    if (!this.#isAsked) {
      this.#destination.write(chunk);
      return;
    }
    this.#untaken += 1;
    this.#destination.write(chunk, this.#onTaken);
  }

  protected override isFull(): boolean {
    return this.#destination.writableNeedDrain;
  }

  /** Until the callback of the last write: what goes wrong in it is told then. */
  override settle({ signal }: WaitOptions): Promise<FlushResult> {
    if (!this.#isAwaited) return Promise.resolve(flushed);
    const fault = signalFault(signal);
    if (fault !== undefined) return Promise.reject(fault);
    this.#whenTaken = () => this.drained();
    return this.waiting.start(signal);
  }

  protected override close(error: unknown): Promise<void> {
    const destination = this.#destination;
    if (this.#leaveOpen) return this.#letGo();
    if (this.completion.hasError) destination.destroy(error as Error);
    else destination.end();
    return finished(destination, { readable: false, cleanup: true })
      .catch((failure) => {
        // A reader that closed without an error is no failure of the writer; flush() said so by `isCompleted`.
        if (!this.completion.hasError && (this.gone.hasError || !this.gone.isCompleted)) throw failure;
      })
      .finally(() => this.#stopListening());
  }

  protected override cutOff(error: unknown): void {
    if (!this.#leaveOpen) this.#destination.destroy(error as Error);
  }

  /** Listens until the last write is done: its failure belongs to this writer, and to nobody else once it let go. */
  async #letGo(): Promise<void> {
    try {
      if (this.#isAwaited) await new Promise<void>((resolve) => (this.#whenTaken = resolve));
      if (!this.completion.hasError) this.gone.throwIfFailed();
    } finally {
      this.#stopListening();
    }
  }

  /** A stream that took everything may have failed at it, and says so a moment later. */
  get #isAwaited(): boolean {
    if (this.completion.hasError || this.gone.isCompleted) return false;
    return this.#destination.errored != null || (this.#untaken > 0 && this.#destination.writableLength > 0);
  }

  #stopListening(): void {
    this.#destination.off('error', this.#onError).off('close', this.#onClose).off('drain', this.#onDrain);
  }

  protected override lost(error?: unknown): void {
    super.lost(error);
    this.#whenTaken?.();
  }

  readonly #onTaken = (): void => {
    this.#untaken -= 1;
    // Node calls back for a failed write before it tells of the error.
    if (this.#untaken === 0 && this.#destination.errored == null) this.#whenTaken?.();
  };

  readonly #onDrain = (): void => this.drained();

  readonly #onError = (error: unknown): void => this.lost(error);

  readonly #onClose = (): void => this.lost(this.#destination.errored);
}
