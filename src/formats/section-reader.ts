import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import type { DelimitedSource } from './delimited-source';
import { sectionPassed, sectionTooLong } from './multipart-errors';

/**
 * A reader over the content of one section: the chunks of the body's reader, by reference where they stay good.
 *
 * It reads ahead nothing: the body's reader is read when this one is. `complete()` leaves the rest of the section to
 * the {@link MultipartReader}.
 */
export class SectionReader extends BufferedPipeReader {
  readonly #source: DelimitedSource;
  readonly #limit: number;
  #receivedBytes = 0;
  #isPulling = false;
  #isPassed = false;
  #lastPull: Promise<void> | undefined;

  constructor(source: DelimitedSource, limit: number) {
    super();
    this.#source = source;
    this.#limit = limit;
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    this.#takeWhatIsThere();
    return super.read(options);
  }

  override tryRead(): ReadResult | undefined {
    this.#takeWhatIsThere();
    return super.tryRead();
  }

  /** Whether this reader has a read of the body's reader under way. */
  get isPulling(): boolean {
    return this.#isPulling;
  }

  /** Settles when it has none any more. */
  async pulled(): Promise<void> {
    while (this.#isPulling) await this.#lastPull;
  }

  /** The section is over: whoever reads on without having read all of it is told. */
  pass(): void {
    this.#isPassed = true;
  }

  protected override whenWaiting(): void {
    if (!this.#isPulling) this.#lastPull = this.#pull();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
  }

  protected override whenCompleted(): Promise<void> {
    this.unread.clear();
    return Promise.resolve();
  }

  /** Without a wait: most of what a section has lies there already. */
  #takeWhatIsThere(): void {
    const isWanted = !this.isReading && !this.sourceCompletion.isCompleted && this.unread.unexaminedLength === 0;
    if (!isWanted || this.#isPulling || this.completion.isCompleted) return;
    try {
      if (this.#isPassed) throw sectionPassed();
      const result = this.#source.tryRead();
      if (result !== undefined) this.#take(result);
    } catch (error) {
      this.deliverEnd(error);
    }
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    try {
      while (this.isWaiting && !this.sourceCompletion.isCompleted) {
        this.#take(this.#source.tryRead() ?? (await this.#source.read()));
      }
    } catch (error) {
      this.deliverEnd(error);
    } finally {
      this.#isPulling = false;
    }
  }

  #take(result: ReadResult): void {
    this.#source.takeContent(result, this.#deliverContent);
    if (this.#source.isAtDelimiter) this.deliverEnd();
  }

  readonly #deliverContent = (content: ReadOnlySequence): void => {
    this.#receivedBytes += content.length;
    if (this.#receivedBytes > this.#limit) throw sectionTooLong(this.#limit);
    if (content.isSingleSegment) this.deliver(content.toStableBuffer());
    else for (const chunk of content.chunks()) this.deliver(chunk);
  };
}
