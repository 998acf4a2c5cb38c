import { signalFault } from '../pipelines/abort-error';
import { BlockSource } from '../pipelines/block-source';
import { BufferedPipeWriter, flushed, forNobody } from '../pipelines/buffered-pipe-writer';
import { flushInProgress, writerCompleted } from '../pipelines/errors';
import { PipeCompletion } from '../pipelines/pipe-completion';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import type { WriterOptions } from '../pipelines/stream-options';
import { UnreadBytes } from '../pipelines/unread-bytes';

/** Bytes of the blocks of a writer over a stream, as StreamPipeWriterOptions in .NET. */
export const defaultMinimumBufferSize = 4_096;

/** The same for everybody who need not wait. */
const flushedAtOnce = Promise.resolve(flushed);

/**
 * A writer whose flushed bytes go somewhere that takes chunks: a stream, a web stream, an HTTP response.
 *
 * Flushed memory is handed on and not used again, so that it may be passed on by reference; memory of a pool, which is
 * used again, is copied (docs/decisions/004).
 */
export abstract class SinkPipeWriter extends BufferedPipeWriter {
  /** How the sink went away on its own: closed, or with an error. */
  protected readonly gone = new PipeCompletion();
  #closed: Promise<void> | undefined;

  constructor({ minimumBufferSize = defaultMinimumBufferSize, pool }: WriterOptions) {
    const blocks = new BlockSource(minimumBufferSize, pool);
    super(new UnreadBytes((segment) => blocks.takeBack(segment)), blocks);
  }

  /** Takes a chunk that nobody changes any more. */
  protected abstract send(chunk: Buffer): void;

  /** Whether the sink asks to wait; then it calls {@link drained} when it wants more. */
  protected abstract isFull(): boolean;

  /** Ends the sink; with an error, cuts it off. */
  protected abstract close(error: unknown): Promise<void>;

  override flush(options?: WaitOptions): Promise<FlushResult> {
    if (this.waiting.isPending) return Promise.reject(flushInProgress());
    const signal = options?.signal;
    const fault = signalFault(signal);
    if (fault !== undefined) return Promise.reject(fault);
    if (!this.gone.hasError) this.handOver();
    return this.whenTaken(signal);
  }

  /** What a flush comes to, once its bytes were handed over. */
  protected whenTaken(signal: AbortSignal | undefined): Promise<FlushResult> {
    const { gone } = this;
    if (gone.hasError) return Promise.reject(gone.error);
    const isCanceled = this.takeCancellation();
    if (isCanceled) return Promise.resolve({ isCanceled, isCompleted: gone.isCompleted });
    if (gone.isCompleted) return Promise.resolve(forNobody);
    return this.isFull() ? this.waiting.start(signal) : flushedAtOnce;
  }

  override complete(error?: unknown): Promise<void> {
    if (!this.completion.complete(error)) return this.#closed as Promise<void>;
    if (this.waiting.isPending) this.waiting.reject(writerCompleted());
    if (!this.completion.hasError) this.handOver();
    this.commit();
    this.unread.clear();
    this.#closed = this.close(error);
    // Whoever does not await must not be killed by it; whoever does, gets the error.
    this.#closed.catch(() => {});
    this.whenChanged?.();
    return this.#closed;
  }

  /** Waits, as a flush does, for what is still to be told of the bytes that the sink took. */
  settle(_options: WaitOptions): Promise<FlushResult> {
    return flushedAtOnce;
  }

  override peekFlush(): FlushResult | undefined {
    this.gone.throwIfFailed();
    if (this.gone.isCompleted) return forNobody;
    return this.isFull() ? undefined : flushed;
  }

  override abandon(error: unknown): void {
    if (this.completion.isCompleted || this.gone.isCompleted) return;
    this.lost();
    this.cutOff(error);
  }

  /** Cuts the sink off, unless it is left open: nothing more will come. */
  protected abstract cutOff(error: unknown): void;

  /** Hands what was advanced to the sink, without waiting. */
  override handOver(): void {
    if (this.commit() === 0) return;
    try {
      if (!this.gone.isCompleted) for (const chunk of this.unread.sequence().chunks()) this.send(chunk);
    } finally {
      this.unread.consumeAll();
    }
  }

  /** The sink wants more. */
  protected drained(): void {
    this.waiting.resolve(flushed);
    this.whenChanged?.();
  }

  /** The sink is gone: with an error, writing fails with it; without one, it is for nothing. */
  protected lost(error?: unknown): void {
    if (!this.gone.complete(error)) return;
    if (this.gone.hasError) this.waiting.reject(error);
    else this.waiting.resolve(forNobody);
    this.whenChanged?.();
  }
}
