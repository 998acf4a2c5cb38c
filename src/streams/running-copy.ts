import { AbortError, checkSignal } from '../pipelines/abort-error';
import { BufferedPipeReader, cancelWaitingRead } from '../pipelines/buffered-pipe-reader';
import { BufferedPipeWriter, cancelWaitingFlush, flushed } from '../pipelines/buffered-pipe-writer';
import { copyCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';

/**
 * Everything of a reader on its way to a writer. Completes neither.
 *
 * It waits for one of them at a time. A cancellation of either ends that wait, and the copy.
 */
export class RunningCopy {
  readonly #reader: PipeReader;
  readonly #writer: PipeWriter;
  readonly #options: WaitOptions;
  #isCancelled = false;

  constructor(reader: PipeReader, writer: PipeWriter, options: WaitOptions) {
    this.#reader = reader;
    this.#writer = writer;
    this.#options = options;
  }

  /** `settle` waits for what a flush does not wait for. */
  async run(settle: () => Promise<FlushResult> = () => Promise.resolve(flushed)): Promise<void> {
    checkSignal(this.#options.signal);
    const stopListening = [
      this.#takeCancellations(this.#reader, () => cancelWaitingFlush(this.#writer)),
      this.#takeCancellations(this.#writer, () => cancelWaitingRead(this.#reader)),
    ];
    try {
      await this.#copyAll();
      await this.#waitFor(settle());
    } finally {
      for (const stop of stopListening) stop();
    }
  }

  /** What cancels one end ends the wait for the other one. */
  #takeCancellations(end: PipeReader | PipeWriter, endWait: () => void): () => void {
    const isOurs = end instanceof BufferedPipeReader || end instanceof BufferedPipeWriter;
    // A second copy is refused by its first read or flush, and leaves the first one as it is.
    if (!isOurs || end.whenCancelled !== undefined) return () => {};
    end.whenCancelled = () => {
      this.#isCancelled = true;
      endWait();
    };
    return () => {
      end.whenCancelled = undefined;
    };
  }

  async #copyAll(): Promise<void> {
    const reader = this.#reader;
    for (;;) {
      const { buffer, isCompleted, isCanceled } = reader.tryRead() ?? (await reader.read(this.#options));
      let written = 0;
      let result: FlushResult = flushed;
      try {
        if (isCanceled || this.#isCancelled) throw copyCanceled();
        for (const segment of buffer) {
          checkSignal(this.#options.signal);
          result = await this.#put(segment, () => {
            written += segment.length;
          });
          if (result.isCompleted) break;
        }
      } finally {
        reader.advanceTo(buffer.getPosition(written));
      }
      if (isCompleted || result.isCompleted) return;
    }
  }

  async #waitFor(flushing: Promise<FlushResult>): Promise<FlushResult> {
    // A destination may cancel as it takes the bytes, before the flush waits.
    if (this.#isCancelled) cancelWaitingFlush(this.#writer);
    const result = await flushing;
    if (result.isCanceled || this.#isCancelled) throw copyCanceled();
    return result;
  }

  /** Writes a segment. A wait that was ended leaves it written; when the destination failed, it was not. */
  async #put(segment: Buffer, whenWritten: () => void): Promise<FlushResult> {
    const writer = this.#writer;
    writer.getMemory(segment.length).set(segment);
    writer.advance(segment.length);
    try {
      const result = await this.#waitFor(writer.flush(this.#options));
      whenWritten();
      return result;
    } catch (error) {
      if (error instanceof AbortError) whenWritten();
      throw error;
    }
  }
}
