import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { SequencePosition } from '../buffers/sequence-position';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';
import type { BatchSource } from './batch-iterator';
import { skipByteOrderMark } from './byte-order-mark';
import { decodeText } from './charset';
import { cutLines } from './cut-lines';
import { lineTooLong } from './errors';
import { joinBriefly } from './join-briefly';
import { LineEnds, type LinePlace } from './line-ends';
import type { LineSettings } from './line-settings';
import { answerLast, nextRead } from './next-read';
import { SearchedPart } from './searched-part';

/** How a text is written; known once its byte order mark was looked for. */
interface Writing {
  readonly charset: string;
  readonly ends: LineEnds;
}

/** The lines of a text, as many at once as one read brought: those in 32 KiB at most, and one begun before. */
export class LineSource implements BatchSource<string> {
  readonly #reader: PipeReader;
  readonly #settings: LineSettings;
  readonly #searched = new SearchedPart();
  #writing: Writing | undefined;
  #batch: ReadOnlySequence | undefined;
  #text = '';
  /** Those of the batch, once they were cut. */
  #lines: readonly string[] | undefined;
  #lineNumber = 1;
  #isEnded = false;
  /** Thrown once the lines before it were handed out, so that it does not matter which came with it. */
  #failure: unknown;

  constructor(reader: PipeReader, settings: LineSettings) {
    this.#reader = reader;
    this.#settings = settings;
  }

  /** The number of the batch's first line, from 1 on. */
  get lineNumber(): number {
    return this.#lineNumber;
  }

  async read(): Promise<readonly string[] | undefined> {
    return (await this.readBatch()) ? this.cut() : undefined;
  }

  /** Reads the next batch, which {@link cut} makes lines of; false at the end. */
  async readBatch(): Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#writing ??= await this.#begin();
    while (!this.#isEnded) {
      const batch = this.#findBatch(await nextRead(this.#reader, this.#settings), this.#writing);
      if (batch === undefined) continue;
      this.#batch = batch;
      this.#text = decodeText(joinBriefly(batch), this.#writing.charset, { keepByteOrderMark: true });
      return true;
    }
    return false;
  }

  /** The text of the batch, where no line in it can be too long. */
  get shortText(): string | undefined {
    return (this.#batch?.length ?? 0) > this.#settings.maxLineLength ? undefined : this.#text;
  }

  /** The lines of the batch: those before the first that is too long. */
  cut(): readonly string[] {
    const batch = this.#batch as ReadOnlySequence;
    const { maxLineLength, eol } = this.#settings;
    this.#lines = cutLines(this.#text, batch.length, eol);
    if (batch.length > maxLineLength && !this.#areShort(batch, this.#lines)) this.#leaveOutTooLong(batch, this.#lines);
    return this.#lines;
  }

  /** What comes after the lines was examined, and is left so that whoever reads on gets it at once. */
  leave(count: number): void {
    if (count === this.#lines?.length) this.leaveAll(count);
    else this.#answer(count, (batch) => batch.getPosition(this.#lengthOf(count, batch)));
  }

  /** All lines of the batch were handed out, and there are so many. */
  leaveAll(count: number): void {
    this.#answer(count, (batch) => batch.end);
  }

  #answer(count: number, findConsumed: (batch: ReadOnlySequence) => SequencePosition): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    this.#text = '';
    this.#lines = undefined;
    this.#lineNumber += count;
    answerLast(this.#reader, () => findConsumed(batch));
  }

  async #begin(): Promise<Writing> {
    const charset = await skipByteOrderMark(this.#reader, this.#settings.charset, this.#settings);
    return { charset, ends: new LineEnds(charset, this.#settings.eol) };
  }

  /** The bytes of whole lines; undefined, and the read is answered, where there are none yet. */
  #findBatch({ buffer, isCompleted }: ReadResult, { ends }: Writing): ReadOnlySequence | undefined {
    const searched = this.#searched;
    const fresh = searched.rest(buffer);
    const bytes = joinBriefly(fresh);
    const sureLength = bytes.length - ends.unsureLength(bytes);
    this.#isEnded = isCompleted && searched.length + bytes.length === buffer.length;
    const end = this.#isEnded ? bytes.length : ends.afterLast(bytes);
    if (end > 0 || (this.#isEnded && !buffer.isEmpty)) {
      searched.restart(fresh, end, Math.max(end, sureLength));
      return buffer.slice(buffer.start, fresh.getPosition(end));
    }
    searched.add(fresh, sureLength);
    this.#reader.advanceTo(buffer.start, fresh.end);
    // A CR that ends the line may be there already.
    if (searched.length > this.#settings.maxLineLength + ends.width) throw this.#tooLong(0);
    return undefined;
  }

  /** Where each byte became one unit of the string, a line has as many bytes as its string has units. */
  #areShort(batch: ReadOnlySequence, lines: readonly string[]): boolean {
    const { maxLineLength } = this.#settings;
    return this.#text.length === batch.length && lines.every((line) => line.length <= maxLineLength);
  }

  /** Ends the batch before the first line that is too long. */
  #leaveOutTooLong(batch: ReadOnlySequence, lines: readonly string[]): void {
    let index = 0;
    let start = 0;
    for (const { end, next } of this.#placesIn(batch)) {
      if (end - start > this.#settings.maxLineLength) {
        this.#failure = this.#tooLong(index);
        this.#lines = lines.slice(0, index);
        this.#batch = batch.slice(0, start);
        return;
      }
      index += 1;
      start = next;
    }
  }

  #tooLong(index: number): unknown {
    return lineTooLong(this.#lineNumber + index, this.#settings.maxLineLength);
  }

  /** How many bytes the first lines of the batch have. */
  #lengthOf(count: number, batch: ReadOnlySequence): number {
    let length = 0;
    let index = 0;
    for (const { next } of this.#placesIn(batch)) {
      if (index === count) break;
      length = next;
      index += 1;
    }
    return length;
  }

  #placesIn(batch: ReadOnlySequence): Iterable<LinePlace> {
    return (this.#writing as Writing).ends.linesOf(joinBriefly(batch));
  }
}
