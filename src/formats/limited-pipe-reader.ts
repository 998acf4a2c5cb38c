import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { SequencePosition } from '../buffers/sequence-position';
import { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import { entityTooLarge } from './errors';

/**
 * A reader that gives at most `limit` bytes of another one. Where there are more, the read after them fails with a 413,
 * `entity.too.large`: so what is wrong within them is found first, however the bytes are cut. The bytes behind stay with
 * the inner reader, which `complete()` completes.
 */
export class LimitedPipeReader extends PipeReader {
  readonly #inner: PipeReader;
  readonly #limit: number;
  #consumedBytes = 0;
  #examinedBytes = 0;
  #buffer: ReadOnlySequence | undefined;

  constructor(inner: PipeReader, limit: number) {
    super();
    this.#inner = inner;
    this.#limit = limit;
  }

  override async read(options?: WaitOptions): Promise<ReadResult> {
    return this.#check(await this.#inner.read(options));
  }

  override tryRead(): ReadResult | undefined {
    const result = this.#inner.tryRead();
    return result && this.#check(result);
  }

  override advanceTo(consumed: SequencePosition, examined: SequencePosition = consumed): void {
    const buffer = this.#buffer;
    this.#inner.advanceTo(consumed, examined);
    if (buffer === undefined) return;
    this.#buffer = undefined;
    this.#examinedBytes = this.#consumedBytes + buffer.getOffset(examined);
    this.#consumedBytes += buffer.getOffset(consumed);
  }

  override cancelPendingRead(): void {
    this.#inner.cancelPendingRead();
  }

  override complete(error?: unknown): Promise<void> {
    return this.#inner.complete(error);
  }

  #check(result: ReadResult): ReadResult {
    const received = this.#consumedBytes + result.buffer.length;
    if (received <= this.#limit) {
      this.#buffer = result.buffer;
      return result;
    }
    if (this.#examinedBytes >= this.#limit) {
      this.#inner.advanceTo(result.buffer.start, result.buffer.end);
      throw entityTooLarge(this.#limit, received);
    }
    this.#buffer = result.buffer.slice(0, this.#limit - this.#consumedBytes);
    return { ...result, buffer: this.#buffer, isCompleted: false };
  }
}
