import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';
import { fieldDisposition, parseContentDisposition } from './content-disposition';
import { DelimitedSource } from './delimited-source';
import { Delimiter } from './delimiter';
import { multipartTruncated, sectionInProgress, tooManySections } from './multipart-errors';
import { type MultipartOptions, resolveMultipartOptions } from './multipart-options';
import { MultipartSection } from './multipart-section';
import { findSectionHead, type SectionHead } from './section-head';
import { parseSectionHeaders } from './section-headers';
import { SectionReader } from './section-reader';
import { findSmallSection } from './small-section';
import { SmallSectionReader } from './small-section-reader';

const ignore = () => {};

/**
 * The sections of a multipart body, one after the other, as they arrive. As MultipartReader in ASP.NET.
 *
 * Asking for the next section throws away what was left unread of the one before; after the last one the body is read
 * to its end. A body that breaks off or cannot be read is a 400 for everyone who waits for it, and for every later
 * call. The inner reader is read only while somebody waits, and is not completed.
 */
export class MultipartReader implements AsyncIterable<MultipartSection> {
  readonly #source: DelimitedSource;
  readonly #delimiter: Delimiter;
  readonly #settings: Required<MultipartOptions>;
  #state: 'within' | 'behind' | 'ended' = 'within';
  #isReading = false;
  #current: SectionReader | SmallSectionReader | undefined;
  #sectionCount = 0;
  /** Bytes of an unfinished head that were looked at. */
  #searchedBytes = 0;

  /** `boundary` without quotation marks. One that RFC 2046 does not allow is a 400, `multipart.boundary.invalid`. */
  constructor(reader: PipeReader, boundary: string, options: MultipartOptions = {}) {
    this.#settings = resolveMultipartOptions(options);
    this.#delimiter = new Delimiter(boundary);
    this.#source = new DelimitedSource(reader, this.#delimiter, this.#settings.limit);
  }

  /** The next section; undefined after the last one. One call at a time. */
  async readNextSection(): Promise<MultipartSection | undefined> {
    const section = this.tryReadNextSection();
    if (section !== undefined || this.#state === 'ended') return section;
    this.#isReading = true;
    try {
      await this.#pulled();
      return await this.#waitForSection();
    } catch (error) {
      throw this.#source.fail(error);
    } finally {
      this.#isReading = false;
    }
  }

  /** The next section; undefined after the last one, and where {@link MultipartReader.readNextSection} would wait. */
  tryReadNextSection(): MultipartSection | undefined {
    if (this.#isReading) throw sectionInProgress();
    if (this.#state === 'ended' || this.#isPulling) return undefined;
    this.#current?.pass();
    try {
      return this.#takeWhatIsThere();
    } catch (error) {
      throw this.#source.fail(error);
    }
  }

  /** The sections. Leaving the loop leaves the rest of the body unread. */
  [Symbol.asyncIterator](): AsyncIterableIterator<MultipartSection> {
    return new SectionIterator(this);
  }

  /** Whether the reader of a section has a read of the body's reader under way. */
  get #isPulling(): boolean {
    return this.#current instanceof SectionReader && this.#current.isPulling;
  }

  /** Settles when it has none any more. */
  async #pulled(): Promise<void> {
    if (this.#current instanceof SectionReader) await this.#current.pulled();
    this.#current?.pass();
  }

  async #waitForSection(): Promise<MultipartSection | undefined> {
    for (;;) {
      const section = this.#takeWhatIsThere();
      if (section !== undefined || this.#hasEnded) return section;
      const waited = this.#take(await this.#source.read());
      if (waited !== undefined) return waited;
    }
  }

  get #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  #takeWhatIsThere(): MultipartSection | undefined {
    while (!this.#hasEnded) {
      const result = this.#source.tryRead();
      if (result === undefined) return undefined;
      const section = this.#take(result);
      if (section !== undefined) return section;
    }
    return undefined;
  }

  /** Goes on with what a read brought, and answers it; gives a section that begins there. */
  #take(result: ReadResult): MultipartSection | undefined {
    const { buffer, isCompleted } = result;
    if (this.#state === 'behind') {
      // RFC 2046 §5.1.1: what follows the last delimiter is to be ignored.
      this.#source.advance(result, buffer.length);
      if (isCompleted) this.#state = 'ended';
      return undefined;
    }
    if (!this.#source.isAtDelimiter) {
      this.#source.takeContent(result, ignore);
      return undefined;
    }
    return this.#takeSmallSection(result) ?? this.#takeHead(result);
  }

  #takeSmallSection(result: ReadResult): MultipartSection | undefined {
    const small = findSmallSection(result.buffer, this.#delimiter, this.#settings);
    if (small === undefined) return undefined;
    this.#source.advance(result, small.length);
    this.#searchedBytes = 0;
    this.#countSection();
    this.#current = new SmallSectionReader(small);
    return new MultipartSection(undefined, fieldDisposition(small.name), this.#current);
  }

  #takeHead(result: ReadResult): MultipartSection | undefined {
    const { buffer, isCompleted } = result;
    const head = this.#findHead(result);
    this.#searchedBytes = head === undefined ? buffer.length : 0;
    this.#source.advance(result, head?.length ?? 0, head?.length ?? buffer.length);
    if (head === undefined && isCompleted) throw multipartTruncated();
    if (head?.text !== undefined) return this.#startSection(head.text);
    if (head !== undefined) this.#state = 'behind';
    return undefined;
  }

  #findHead(result: ReadResult): SectionHead | undefined {
    try {
      return findSectionHead(result.buffer, this.#searchedBytes, this.#settings.headersLengthLimit);
    } catch (error) {
      this.#source.advance(result, 0, result.buffer.length);
      throw error;
    }
  }

  #startSection(headersText: string): MultipartSection {
    this.#countSection();
    const headers = parseSectionHeaders(headersText, this.#settings.headersCountLimit);
    const disposition = headers['content-disposition'];
    this.#source.startContent();
    this.#current = new SectionReader(this.#source, this.#settings.bodyLengthLimit);
    return new MultipartSection(
      headers,
      disposition === undefined ? undefined : parseContentDisposition(disposition),
      this.#current,
    );
  }

  #countSection(): void {
    this.#sectionCount += 1;
    if (this.#sectionCount > this.#settings.sectionCountLimit) throw tooManySections(this.#settings.sectionCountLimit);
  }
}

/** Not an async generator: that takes two promises more a section. */
class SectionIterator implements AsyncIterableIterator<MultipartSection> {
  readonly #reader: MultipartReader;
  #isLeft = false;

  constructor(reader: MultipartReader) {
    this.#reader = reader;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<MultipartSection>> {
    try {
      const section = this.#isLeft ? undefined : this.#reader.tryReadNextSection();
      return section === undefined ? this.#wait() : Promise.resolve({ done: false, value: section });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async return(): Promise<IteratorResult<MultipartSection>> {
    this.#isLeft = true;
    return { done: true, value: undefined };
  }

  async #wait(): Promise<IteratorResult<MultipartSection>> {
    const section = this.#isLeft ? undefined : await this.#reader.readNextSection();
    return section === undefined ? { done: true, value: undefined } : { done: false, value: section };
  }
}
