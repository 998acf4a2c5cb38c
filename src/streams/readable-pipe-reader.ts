import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { pauseThreshold, resumeThreshold } from '../pipelines/read-ahead';
import { prematureClose } from './errors';
import { stopFlowing } from './stop-flowing';
import { toBytes } from './to-bytes';

/**
 * A reader over a `Readable`.
 *
 * It listens to the stream from the first read on, takes chunks by reference and pauses the stream above 64 KiB.
 * `complete()` destroys the stream. With `leaveOpen` nothing is read ahead, because nothing can be put back into a
 * stream that has come to its end; `complete()` then puts back what was not consumed.
 */
export class ReadablePipeReader extends BufferedPipeReader {
  readonly #source: Readable;
  readonly #leaveOpen: boolean;
  #isFlowing = false;
  #isListening = false;

  constructor(source: Readable, leaveOpen: boolean) {
    super();
    this.#source = source;
    this.#leaveOpen = leaveOpen;
    if (source.readableEnded) this.deliverEnd();
    else if (source.destroyed) this.deliverEnd(source.errored ?? prematureClose());
    else source.on('error', this.#onError).on('end', this.#onEnd).on('close', this.#onClose);
  }

  /** Whether it took bytes from the stream, or its end: from then on the stream alone does not have them all. */
  get hasStarted(): boolean {
    return this.#isListening || this.sourceCompletion.isCompleted;
  }

  protected override whenWaiting(): void {
    this.#flow();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
    if (!this.#isListening || this.#leaveOpen || this.isHeldBack) return;
    if (this.unread.unexaminedLength < resumeThreshold) this.#flow();
  }

  protected override whenCompleted(error: unknown): Promise<void> {
    const source = this.#source;
    if (this.#leaveOpen) {
      this.#stopListening();
      if (this.#isListening) this.#putBack();
      return Promise.resolve();
    }
    this.unread.clear();
    // The listener for errors stays until the end of the stream: destroying it may make one more.
    source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    if (!source.readableEnded && !source.destroyed) source.destroy(error as Error | undefined);
    return finished(source, { writable: false, cleanup: true })
      .catch(() => {})
      .finally(() => source.off('error', this.#onError));
  }

  #flow(): void {
    if (this.#isFlowing || this.sourceCompletion.isCompleted) return;
    this.#isFlowing = true;
    if (!this.#isListening) {
      this.#isListening = true;
      this.#source.on('data', this.#onData);
    }
    this.#source.resume();
  }

  #pause(): void {
    this.#isFlowing = false;
    this.#source.pause();
  }

  /** Leaves the stream as it would be if nobody had read it so far: paused, and flowing when the next one listens. */
  #putBack(): void {
    const source = this.#source;
    source.pause();
    stopFlowing(source);
    const rest = this.unread.sequence().toStableBuffer();
    if (rest.length > 0 && !source.readableEnded && !source.destroyed) source.unshift(rest);
    this.unread.clear();
  }

  readonly #onData = (chunk: unknown): void => {
    try {
      this.deliver(toBytes(chunk, this.#source.readableEncoding));
    } catch (error) {
      this.#end(error);
      return;
    }
    if (this.isAsking) return;
    if (this.#leaveOpen || this.isHeldBack || this.unread.unexaminedLength > pauseThreshold) this.#pause();
  };

  readonly #onEnd = (): void => this.#end();

  readonly #onError = (error: unknown): void => this.#end(error);

  readonly #onClose = (): void => this.#end(this.#source.errored ?? prematureClose());

  #end(error?: unknown): void {
    this.#stopListening();
    this.deliverEnd(error);
  }

  /** Stops to read the stream, which stays open. */
  protected letGo(): void {
    this.#stopListening();
    this.unread.clear();
  }

  #stopListening(): void {
    this.#source
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
  }
}
