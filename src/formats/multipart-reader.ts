import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';
import { parseContentDisposition } from './content-disposition';
import { DelimitedSource } from './delimited-source';
import { Delimiter } from './delimiter';
import { multipartTruncated, sectionInProgress, tooManySections } from './multipart-errors';
import { type MultipartOptions, resolveMultipartOptions } from './multipart-options';
import { MultipartSection } from './multipart-section';
import { findSectionHead } from './section-head';
import { parseSectionHeaders } from './section-headers';
import { SectionReader } from './section-reader';

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
  readonly #settings: Required<MultipartOptions>;
  #state: 'open' | 'reading' | 'ended' = 'open';
  #current: SectionReader | undefined;
  #sectionCount = 0;

  /** `boundary` without quotation marks. One that RFC 2046 does not allow is a 400, `multipart.boundary.invalid`. */
  constructor(reader: PipeReader, boundary: string, options: MultipartOptions = {}) {
    this.#settings = resolveMultipartOptions(options);
    this.#source = new DelimitedSource(reader, new Delimiter(boundary), this.#settings.limit);
  }

  /** The next section; undefined after the last one. One call at a time. */
  async readNextSection(): Promise<MultipartSection | undefined> {
    if (this.#state === 'ended') return undefined;
    if (this.#state === 'reading') throw sectionInProgress();
    this.#state = 'reading';
    try {
      if (this.#current?.isPulling) await this.#current.pulled();
      this.#current?.pass();
      const headers = await this.#readHeaders();
      if (headers === undefined) await this.#skipEpilogue();
      this.#state = headers === undefined ? 'ended' : 'open';
      return headers === undefined ? undefined : this.#startSection(headers);
    } catch (error) {
      this.#state = 'open';
      throw this.#source.fail(error);
    }
  }

  /** The sections. Leaving the loop leaves the rest of the body unread. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<MultipartSection> {
    for (;;) {
      const section = await this.readNextSection();
      if (section === undefined) return;
      yield section;
    }
  }

  /** Throws away what comes before the next section; gives the text of its headers, undefined after the last one. */
  async #readHeaders(): Promise<string | undefined> {
    const source = this.#source;
    for (let searched = 0; ; ) {
      const result = source.tryRead() ?? (await source.read());
      if (!source.isAtDelimiter) {
        source.takeContent(result, ignore);
        continue;
      }
      const { buffer, isCompleted } = result;
      const head = this.#tryFindHead(result, searched);
      source.advance(result, head?.length ?? 0, head?.length ?? buffer.length);
      if (head !== undefined) return head.text;
      if (isCompleted) throw multipartTruncated();
      searched = buffer.length;
    }
  }

  #tryFindHead(result: ReadResult, searched: number) {
    try {
      return findSectionHead(result.buffer, searched, this.#settings.headersLengthLimit);
    } catch (error) {
      this.#source.advance(result, 0, result.buffer.length);
      throw error;
    }
  }

  #startSection(headersText: string): MultipartSection {
    this.#sectionCount += 1;
    if (this.#sectionCount > this.#settings.sectionCountLimit) throw tooManySections(this.#settings.sectionCountLimit);
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

  /** RFC 2046 §5.1.1: what follows the last delimiter is to be ignored. */
  async #skipEpilogue(): Promise<void> {
    for (;;) {
      const result = this.#source.tryRead() ?? (await this.#source.read());
      this.#source.advance(result, result.buffer.length);
      if (result.isCompleted) return;
    }
  }
}
