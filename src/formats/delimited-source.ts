import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import { readCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';
import type { Delimiter } from './delimiter';
import { entityTooLarge } from './errors';
import { multipartTruncated } from './multipart-errors';

/**
 * The bytes of a multipart body from one delimiter to the next, whoever reads them.
 *
 * It counts all bytes against the limit of the whole body, and stays failed after a failure.
 */
export class DelimitedSource {
  readonly #reader: PipeReader;
  readonly #delimiter: Delimiter;
  readonly #limit: number;
  #consumedBytes = 0;
  /** At the start of the body and after a section's headers the line end before a delimiter is behind us. */
  #isLineStart = true;
  #isAtDelimiter = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(reader: PipeReader, delimiter: Delimiter, limit: number) {
    this.#reader = reader;
    this.#delimiter = delimiter;
    this.#limit = limit;
  }

  /** Whether the bytes before a delimiter, and the delimiter itself, were taken. */
  get isAtDelimiter(): boolean {
    return this.#isAtDelimiter;
  }

  tryRead(): ReadResult | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      const result = this.#reader.tryRead();
      return result && this.#check(result);
    } catch (error) {
      throw this.fail(error);
    }
  }

  async read(): Promise<ReadResult> {
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      return this.#check(await this.#reader.read());
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** Answers a read, by offsets in its buffer. */
  advance({ buffer }: ReadResult, consumed: number, examined = consumed): void {
    this.#consumedBytes += consumed;
    const position = buffer.getPosition(consumed);
    this.#reader.advanceTo(position, examined === consumed ? position : buffer.getPosition(examined));
  }

  /** Answers a read by taking what stands before the next delimiter, and the delimiter when it is there. */
  takeContent(result: ReadResult, use: (content: ReadOnlySequence) => void): void {
    const { buffer, isCompleted } = result;
    const found = this.#delimiter.find(buffer, this.#isLineStart);
    const contentLength = found?.offset ?? buffer.length;
    const isWhole = found?.end !== undefined;
    try {
      if (contentLength > 0) use(contentLength === buffer.length ? buffer : buffer.slice(0, contentLength));
      if (isCompleted && !isWhole) throw multipartTruncated();
    } catch (error) {
      this.advance(result, 0, buffer.length);
      throw this.fail(error);
    }
    if (isWhole) this.advance(result, found.end as number);
    else this.advance(result, contentLength, buffer.length);
    if (contentLength > 0) this.#isLineStart = false;
    this.#isAtDelimiter = isWhole;
  }

  /** The headers of a section were taken: what follows is content. */
  startContent(): void {
    this.#isLineStart = true;
    this.#isAtDelimiter = false;
  }

  /** Makes every later read fail with the first error, which it gives. */
  fail(error: unknown): unknown {
    this.#failure ??= { error };
    return this.#failure.error;
  }

  #check(result: ReadResult): ReadResult {
    const { buffer } = result;
    if (result.isCanceled) {
      this.#reader.advanceTo(buffer.start);
      throw readCanceled('read');
    }
    const received = this.#consumedBytes + buffer.length;
    if (received > this.#limit) {
      this.#reader.advanceTo(buffer.start, buffer.end);
      throw entityTooLarge(this.#limit, received);
    }
    return result;
  }
}
