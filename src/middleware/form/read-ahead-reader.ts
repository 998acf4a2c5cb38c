import type { SequencePosition } from '../../buffers/sequence-position';
import { bodyDiscarded } from '../../http/errors';
import { PipeReader } from '../../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../../pipelines/results';

/** Bytes that are read ahead of one body, as many as Kestrel holds of a request. 1 MiB. */
const mostBytes = 1_048_576;
/** And of all bodies together: a thousand uploads that wait must not hold as much each. 16 MiB. */
const mostBytesOfAll = 16_777_216;

let bytesOfAll = 0;

/**
 * A reader that reads less ahead than others, or more.
 *
 * A read is answered by the next one: until then the connection is paused behind the bytes that are being worked on, and
 * brings no others. A thousand uploads that wait for their disks hold 64 KiB less each.
 *
 * When it is asked to, it goes on reading while nobody reads it: a connection that is not read says nothing of a client
 * that goes away, because its end comes behind the bytes that were sent before. `complete()` completes the inner reader.
 */
export class ReadAheadReader extends PipeReader {
  readonly #inner: PipeReader;
  /** A read is under way, or was not answered. */
  #isReading = false;
  #isReadingAhead = false;
  /** It is to be handed over; the inner reader was asked to give what is there. */
  #isStopping = false;
  #ahead: Promise<void> | undefined;
  #result: ReadResult | undefined;
  #answer: [consumed: SequencePosition, examined: SequencePosition | undefined] | undefined;
  /** That are counted among those of all. */
  #bytes = 0;

  constructor(inner: PipeReader) {
    super();
    this.#inner = inner;
  }

  /** Reads ahead until somebody reads, or {@link ReadAheadReader.stop}. */
  start(): void {
    if (this.#isReading || this.#ahead !== undefined) return;
    this.#isReadingAhead = true;
    this.#ahead = this.#readAhead();
  }

  /** What was read ahead is what is read next. */
  stop(): void {
    if (!this.#isReadingAhead) this.#count(0);
    else if (!this.#isStopping) {
      this.#isStopping = true;
      this.#inner.cancelPendingRead();
    }
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    if (this.#ahead !== undefined) return this.#takeOver(options);
    try {
      this.flush();
    } catch (error) {
      return Promise.reject(error);
    }
    this.#isReading = true;
    return this.#inner.read(options);
  }

  override tryRead(): ReadResult | undefined {
    if (this.#isReadingAhead) return undefined;
    this.flush();
    const result = this.#takeResult() ?? this.#inner.tryRead();
    if (result !== undefined) this.#isReading = true;
    return result;
  }

  override advanceTo(consumed: SequencePosition, examined?: SequencePosition): void {
    this.#isReading = false;
    this.#answer = [consumed, examined];
  }

  /** Answers the last read. Throws when the response was finished meanwhile, and the bytes were thrown away. */
  flush(): void {
    const answer = this.#answer;
    if (answer === undefined) return;
    this.#answer = undefined;
    try {
      this.#inner.advanceTo(...answer);
    } catch {
      throw bodyDiscarded();
    }
  }

  override cancelPendingRead(): void {
    this.#inner.cancelPendingRead();
  }

  override complete(error?: unknown): Promise<void> {
    return this.#inner.complete(error);
  }

  async #takeOver(options: WaitOptions | undefined): Promise<ReadResult> {
    this.stop();
    await this.#ahead;
    return this.tryRead() ?? this.read(options);
  }

  #takeResult(): ReadResult | undefined {
    const result = this.#result;
    this.#ahead = undefined;
    this.#result = undefined;
    if (!result?.buffer.isEmpty || result.isCompleted) return result;
    this.#inner.advanceTo(result.buffer.start);
    return undefined;
  }

  async #readAhead(): Promise<void> {
    try {
      this.flush();
      while (this.#result === undefined) {
        const { buffer, isCanceled, isCompleted } = await this.#inner.read();
        this.#count(buffer.length);
        const isEnough = isCompleted || buffer.length >= mostBytes || bytesOfAll >= mostBytesOfAll;
        // While it is stopping, the read that was asked to end is the next one.
        if (isCanceled || (isEnough && !this.#isStopping)) this.#result = { buffer, isCompleted, isCanceled: false };
        else this.#inner.advanceTo(buffer.start, buffer.end);
      }
    } catch {
      // Whoever reads next is told.
    } finally {
      this.#isReadingAhead = false;
      if (this.#isStopping || this.#result === undefined) this.#count(0);
      this.#isStopping = false;
    }
  }

  #count(bytes: number): void {
    bytesOfAll += bytes - this.#bytes;
    this.#bytes = bytes;
  }
}
