import { finished, type Readable } from 'node:stream';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { prematureClose } from './errors';
import { toBytes } from './to-bytes';

/** Bytes read ahead and not examined from which on the stream is paused. */
const pauseThreshold = 65_536;
const resumeThreshold = 32_768;

/**
 * A reader over a `Readable`.
 *
 * It listens to the stream from the first read on, takes chunks by reference and pauses the stream at 64 KiB.
 * `complete()` destroys the stream; with `leaveOpen` it puts back what was not consumed and leaves the stream paused.
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

  protected override whenWaiting(): void {
    this.#flow();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
    if (this.#isListening && this.unread.unexaminedLength < resumeThreshold) this.#flow();
  }

  protected override whenCompleted(error: unknown): Promise<void> {
    const source = this.#source;
    if (this.#leaveOpen) {
      source.pause();
      this.#stopListening();
      this.#putBack();
      return Promise.resolve();
    }
    this.unread.clear();
    // The listener for errors stays until the end of the stream: destroying it may make one more.
    source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
    if (!source.readableEnded && !source.destroyed) source.destroy(error as Error | undefined);
    return new Promise((resolve) => {
      finished(source, { writable: false }, () => {
        source.off('error', this.#onError);
        resolve();
      });
    });
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

  #putBack(): void {
    const rest = this.unread.sequence();
    if (!rest.isEmpty && !this.#source.readableEnded) this.#source.unshift(Buffer.from(rest.toBuffer()));
    this.unread.clear();
  }

  readonly #onData = (chunk: unknown): void => {
    try {
      this.deliver(toBytes(chunk, this.#source.readableEncoding));
    } catch (error) {
      this.#end(error);
      return;
    }
    if (this.unread.unexaminedLength >= pauseThreshold && !this.isWaiting) this.#pause();
  };

  readonly #onEnd = (): void => this.#end();

  readonly #onError = (error: unknown): void => this.#end(error);

  readonly #onClose = (): void => this.#end(this.#source.errored ?? prematureClose());

  #end(error?: unknown): void {
    this.#stopListening();
    this.deliverEnd(error);
  }

  #stopListening(): void {
    this.#source
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose);
  }
}
