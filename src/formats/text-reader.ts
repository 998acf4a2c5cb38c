import { checkSize } from '../pipelines/check-size';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { detectCharset, skipByteOrderMark } from './byte-order-mark';
import { createDecoder } from './charset';
import type { CharsetDecoder } from './charset-decoder';
import { checkCharset } from './check-charset';
import { entityTooLarge, lineTooLong } from './errors';
import { nextRead } from './next-read';
import { TextCursor } from './text-cursor';

/** Options of a {@link TextReader}. */
export interface TextReaderOptions {
  /** The charset: UTF-8 (default), or one that iconv-lite knows. Another one is a `RangeError`. */
  encoding?: string;
  /** Let a byte order mark of UTF-8, UTF-16 or UTF-32 decide the charset instead. Default false. */
  detectByteOrderMark?: boolean;
  /**
   * Characters (UTF-16 units) of a line at most, its end not counted; a longer one is a 413, `line.too.long`. Default
   * 1,048,576 (1 Mi).
   */
  maxLineLength?: number;
}

/** Options of {@link TextReader.readToEnd}. */
export interface ReadToEndOptions extends WaitOptions {
  /** Bytes read at most; more are a 413, `entity.too.large`. Default 30,000,000, as a request's body in Kestrel. */
  limit?: number;
}

export const defaultMaxLineCharacters = 1_048_576;
export const defaultReadToEndLimit = 30_000_000;

/** Bytes that are decoded at once: as far as this reader is ahead of what was handed out. */
const longestPiece = 32_768;

/**
 * Reads text in any charset, cut anywhere. As StreamReader in .NET.
 *
 * A byte order mark at the start is dropped, bytes that are no text become U+FFFD. The reader underneath is up to 32 KiB
 * ahead of what was handed out, and is not completed. A wait that was aborted or cancelled loses nothing.
 */
export class TextReader {
  readonly #reader: PipeReader;
  readonly #maxLineLength: number;
  readonly #cursor = new TextCursor();
  readonly #detectsEncoding: boolean;
  #encoding: string;
  #decoder: CharsetDecoder | undefined;
  /** Of a line, or of everything, that is waited for. */
  #pieces: string[] = [];
  #piecesLength = 0;
  #receivedBytes = 0;
  #lineNumber = 1;
  #isEnded = false;

  constructor(reader: PipeReader, options: TextReaderOptions = {}) {
    const { encoding = 'utf-8', detectByteOrderMark = false, maxLineLength = defaultMaxLineCharacters } = options;
    checkCharset('encoding', encoding);
    checkSize('maxLineLength', maxLineLength, 0);
    this.#reader = reader;
    this.#encoding = encoding;
    this.#detectsEncoding = detectByteOrderMark;
    this.#maxLineLength = maxLineLength;
  }

  /** The charset that is read: from the first read on with the order of bytes, which a byte order mark may decide. */
  get encoding(): string {
    return this.#encoding;
  }

  /** The text that is there, or else the next that comes; null at the end. */
  async read(options: WaitOptions = {}): Promise<string | null> {
    while (this.#cursor.isEmpty && this.#piecesLength === 0) {
      if (!(await this.#fill(options))) return null;
    }
    this.#keep(this.#cursor.takeAll());
    return this.#takePieces();
  }

  /** The next line, without its end, which is LF, CRLF or CR; null at the end. An empty rest is no line. */
  async readLine(options: WaitOptions = {}): Promise<string | null> {
    for (;;) {
      const { piece, isEnded } = this.#cursor.takeLine();
      this.#keep(piece);
      if (this.#piecesLength > this.#maxLineLength) {
        throw lineTooLong(this.#lineNumber, this.#maxLineLength, 'characters');
      }
      if (isEnded || !(await this.#fill(options))) {
        if (!isEnded && this.#piecesLength === 0) return null;
        this.#lineNumber += 1;
        return this.#takePieces();
      }
    }
  }

  /** Everything that is left; the empty text at the end. */
  async readToEnd(options: ReadToEndOptions = {}): Promise<string> {
    const { limit = defaultReadToEndLimit } = options;
    checkSize('limit', limit, 0);
    const receivedBefore = this.#receivedBytes;
    do {
      const received = this.#receivedBytes - receivedBefore;
      if (received > limit) throw entityTooLarge(limit, received);
      this.#keep(this.#cursor.takeAll());
    } while (await this.#fill(options));
    return this.#takePieces();
  }

  /** The lines that are left. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<string> {
    for (let line = await this.readLine(); line !== null; line = await this.readLine()) yield line;
  }

  #keep(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#piecesLength += piece.length;
  }

  #takePieces(): string {
    const text = this.#pieces.length === 1 ? (this.#pieces[0] as string) : this.#pieces.join('');
    this.#pieces = [];
    this.#piecesLength = 0;
    return text;
  }

  /** Decodes what comes next into the cursor; false at the end. It may be no character yet. */
  async #fill(options: WaitOptions): Promise<boolean> {
    if (this.#isEnded) return false;
    if (this.#decoder === undefined) await this.#begin(options);
    const decoder = this.#decoder as CharsetDecoder;
    const { buffer, isCompleted } = await nextRead(this.#reader, options);
    const piece = buffer.length > longestPiece ? buffer.slice(0, longestPiece) : buffer;
    const text = decoder.write(piece.toBuffer());
    this.#receivedBytes += piece.length;
    this.#isEnded = isCompleted && piece.length === buffer.length;
    // iconv-lite's decoder of CESU-8 says 0 where it has nothing left.
    this.#cursor.refill(this.#isEnded ? text + (decoder.end() || '') : text);
    this.#reader.advanceTo(piece.end);
    return !this.#isEnded || !this.#cursor.isEmpty;
  }

  async #begin(options: WaitOptions): Promise<void> {
    const find = this.#detectsEncoding ? detectCharset : skipByteOrderMark;
    this.#encoding = await find(this.#reader, this.#encoding, options);
    this.#decoder = createDecoder(this.#encoding);
  }
}
