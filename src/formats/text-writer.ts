import { BufferedPipeWriter, flushed } from '../pipelines/buffered-pipe-writer';
import type { PipeWriter } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { type CharsetEncoder, createEncoder, isUtf8 } from './charset';
import { checkCharset } from './check-charset';

/** Options of a {@link TextWriter}. */
export interface TextWriterOptions {
  /** The charset: UTF-8 (default), or one that iconv-lite knows. Another one is a `RangeError`. */
  encoding?: string;
  /** What `writeLine()` ends lines with. Default LF. */
  newLine?: string;
}

/** From this many unflushed bytes on a write flushes and waits for the reader. */
const flushThreshold = 16_384;

/** Characters that are encoded at once: what is unflushed stays near the threshold, however long the text. */
const longestPiece = 16_384;

/** Nobody has to wait. */
const notYetFlushed: Promise<FlushResult> = Promise.resolve(flushed);

/**
 * Writes text in any charset, straight into the memory of the writer. As StreamWriter in .NET.
 *
 * Writes no byte order mark. A surrogate pair may be cut between two writes; half a pair becomes U+FFFD, at the latest by
 * `flush()`. The writer underneath is not completed: call `flush()` before that.
 */
export class TextWriter {
  /** What `writeLine()` ends lines with. */
  newLine: string;
  readonly #writer: PipeWriter;
  /** For all but UTF-8. */
  readonly #encoder: CharsetEncoder | undefined;
  /** The first half of a pair, whose second may come with the next write. */
  #half = '';
  #unflushedBytes = 0;

  constructor(writer: PipeWriter, options: TextWriterOptions = {}) {
    const { encoding = 'utf-8', newLine = '\n' } = options;
    checkCharset('encoding', encoding);
    this.#writer = writer;
    this.#encoder = isUtf8(encoding) ? undefined : createEncoder(encoding);
    this.newLine = newLine;
  }

  /** Bytes that were written since the last flush of this writer, also where nobody reads and they were dropped. */
  get unflushedBytes(): number {
    return this.#unflushedBytes;
  }

  /**
   * Writes text. Await it: from 16 KiB unflushed bytes on it flushes, and settles when the reader has caught up.
   * `isCompleted` says that nobody reads any more.
   */
  write(text: string, options?: WaitOptions): Promise<FlushResult> {
    if (text.length > longestPiece) return this.#writePieces(text, options);
    try {
      this.#put(text);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#unflushedBytes < flushThreshold ? notYetFlushed : this.#handOver(options);
  }

  /** Writes text, and {@link TextWriter.newLine} behind it. */
  writeLine(text = '', options?: WaitOptions): Promise<FlushResult> {
    return this.write(text + this.newLine, options);
  }

  /** Hands on everything that was written; waits while the reader is behind. */
  async flush(options?: WaitOptions): Promise<FlushResult> {
    if (this.#half !== '') this.#encode(this.#half);
    this.#half = '';
    this.#copy(this.#encoder?.end());
    return this.#handOver(options);
  }

  #handOver(options: WaitOptions | undefined): Promise<FlushResult> {
    this.#unflushedBytes = 0;
    return this.#writer.flush(options);
  }

  async #writePieces(text: string, options: WaitOptions | undefined): Promise<FlushResult> {
    let result = await notYetFlushed;
    for (let index = 0; index < text.length && !result.isCompleted && !result.isCanceled; index += longestPiece) {
      result = await this.write(text.slice(index, index + longestPiece), options);
    }
    return result;
  }

  #put(text: string): void {
    if (text === '') return;
    const whole = this.#half === '' ? text : this.#half + text;
    const endsInHalf = isFirstHalf(whole.charCodeAt(whole.length - 1));
    this.#encode(endsInHalf ? whole.slice(0, -1) : whole);
    this.#half = endsInHalf ? whole.slice(-1) : '';
  }

  #encode(text: string): void {
    if (this.#encoder !== undefined) {
      this.#copy(this.#encoder.write(text));
      return;
    }
    const writer = this.#writer;
    if (writer instanceof BufferedPipeWriter) this.#unflushedBytes += writer.putText(text);
    else this.#copy(Buffer.from(text));
  }

  #copy(bytes: Buffer | undefined): void {
    if (bytes === undefined || bytes.length === 0) return;
    this.#writer.getMemory(bytes.length).set(bytes);
    this.#writer.advance(bytes.length);
    this.#unflushedBytes += bytes.length;
  }
}

/** Whether a UTF-16 unit is the first of a surrogate pair. */
function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
