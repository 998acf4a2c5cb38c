import type { ReadOnlySequence } from '../../buffers/read-only-sequence';
import type { SequencePosition } from '../../buffers/sequence-position';
import { PipeReader } from '../../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../../pipelines/results';

/** A reader that tells what was consumed of another one, which `complete()` completes. */
export class ObservedReader extends PipeReader {
  readonly #inner: PipeReader;
  readonly #observe: (consumed: ReadOnlySequence) => void;
  #buffer: ReadOnlySequence | undefined;

  constructor(inner: PipeReader, observe: (consumed: ReadOnlySequence) => void) {
    super();
    this.#inner = inner;
    this.#observe = observe;
  }

  override async read(options?: WaitOptions): Promise<ReadResult> {
    const result = await this.#inner.read(options);
    this.#buffer = result.buffer;
    return result;
  }

  override tryRead(): ReadResult | undefined {
    const result = this.#inner.tryRead();
    this.#buffer = result?.buffer;
    return result;
  }

  override advanceTo(consumed: SequencePosition, examined?: SequencePosition): void {
    const bytes = this.#bytesUntil(consumed);
    this.#buffer = undefined;
    if (bytes !== undefined) this.#observe(bytes);
    this.#inner.advanceTo(consumed, examined);
  }

  #bytesUntil(consumed: SequencePosition): ReadOnlySequence | undefined {
    try {
      return this.#buffer?.slice(this.#buffer.start, consumed);
    } catch {
      // The inner reader says what is wrong with the position.
      return undefined;
    }
  }

  override cancelPendingRead(): void {
    this.#inner.cancelPendingRead();
  }

  override complete(error?: unknown): Promise<void> {
    return this.#inner.complete(error);
  }
}
