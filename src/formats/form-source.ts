import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import type { BatchSource } from './batch-iterator';
import { isUtf8 } from './charset';
import { entityTooLarge, keyTooLong, tooManyValues, valueTooLong } from './errors';
import { answerLast, nextRead } from './next-read';
import { readBytes } from './read-bytes';
import type { PairLimits } from './unescape-pairs';
import { readPairs } from './urlencoded-pairs';

/** Options of a form's reader with every default filled in. */
export interface FormReaderSettings extends PairLimits, WaitOptions {
  readonly bufferBodyLengthLimit: number;
  readonly charset: string;
}

export type Pair = [name: string, value: string];

const ampersand = 38;
const equals = 61;

const refusals = { valueCountLimit: tooManyValues, keyLengthLimit: keyTooLong, valueLengthLimit: valueTooLong };

/** The pairs of a urlencoded form, as many at once as one read brought. */
export class FormSource implements BatchSource<Pair> {
  readonly #reader: PipeReader;
  readonly #settings: FormReaderSettings;
  #batch: ReadOnlySequence | undefined;
  #pairs: readonly Pair[] = [];
  #pairCount = 0;
  #consumedBytes = 0;
  /** Bytes of what is not consumed that no pair ends in. */
  #searched = 0;
  #isEnded = false;
  /** Thrown once the pairs before it were handed out, so that it does not matter which came with it. */
  #failure: unknown;

  constructor(reader: PipeReader, settings: FormReaderSettings) {
    this.#reader = reader;
    this.#settings = settings;
  }

  async read(): Promise<readonly Pair[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isEnded) return undefined;
    if (!endsPairsByByte(this.#settings.charset)) return this.#readWhole();
    for (;;) {
      const batch = this.#findBatch(await nextRead(this.#reader, this.#settings));
      if (batch !== undefined) return this.#takePairs(batch);
    }
  }

  leave(count: number): void {
    const batch = this.#batch;
    this.#pairCount += count;
    if (batch === undefined) return;
    const isAll = count === this.#pairs.length && this.#failure === undefined;
    const length = isAll ? batch.length : lengthOf(count, batch);
    this.#batch = undefined;
    this.#consumedBytes += length;
    this.#searched = 0;
    answerLast(this.#reader, () => batch.getPosition(length));
  }

  async #readWhole(): Promise<readonly Pair[]> {
    const limit = Math.min(this.#settings.bufferBodyLengthLimit, Number.MAX_SAFE_INTEGER);
    const bytes = await readBytes(this.#reader, { ...this.#settings, limit });
    this.#isEnded = true;
    return this.#parse(bytes);
  }

  /** The bytes of whole pairs; undefined, and the read is answered, where there are none yet. */
  #findBatch({ buffer, isCompleted }: ReadResult): ReadOnlySequence | undefined {
    const left = this.#settings.bufferBodyLengthLimit - this.#consumedBytes;
    const isTooLong = buffer.length > left;
    const allowed = isTooLong ? buffer.slice(0, left) : buffer;
    this.#isEnded = isCompleted && !isTooLong;
    const end = this.#isEnded ? buffer.length : lastPairEnd(allowed, this.#searched);
    // What is refused must not depend on how the bytes were cut: what was sent first is looked at first.
    if (end > 0 || this.#isEnded) return buffer.slice(0, end);
    this.#searched = allowed.length;
    this.#reader.advanceTo(buffer.start, buffer.end);
    this.#checkUnfinished(allowed);
    if (isTooLong) throw entityTooLarge(this.#settings.bufferBodyLengthLimit, this.#consumedBytes + buffer.length);
    return undefined;
  }

  #takePairs(batch: ReadOnlySequence): readonly Pair[] {
    this.#batch = batch;
    this.#pairs = this.#parse(batch.toBuffer());
    return this.#pairs;
  }

  #parse(bytes: Buffer): readonly Pair[] {
    const valueCountLimit = this.#settings.valueCountLimit - this.#pairCount;
    const { texts, exceeded } = readPairs(bytes, this.#settings.charset, { ...this.#settings, valueCountLimit });
    if (exceeded !== undefined) this.#failure = refusals[exceeded](this.#settings[exceeded]);
    const pairs: Pair[] = [];
    for (let index = 0; index < texts.length; index += 2) {
      pairs.push([texts[index] as string, texts[index + 1] as string]);
    }
    return pairs;
  }

  /** A pair that never ends must not be kept until it does. */
  #checkUnfinished(rest: ReadOnlySequence): void {
    const { valueCountLimit, keyLengthLimit, valueLengthLimit } = this.#settings;
    if (this.#pairCount >= valueCountLimit && rest.length > 0) throw tooManyValues(valueCountLimit);
    if (rest.length <= Math.min(keyLengthLimit, valueLengthLimit)) return;
    const nameEnd = rest.slice(0, Math.min(rest.length, keyLengthLimit + 1)).indexOf(equals);
    if (nameEnd === -1 && rest.length > keyLengthLimit) throw keyTooLong(keyLengthLimit);
    if (nameEnd !== -1 && rest.length - nameEnd - 1 > valueLengthLimit) throw valueTooLong(valueLengthLimit);
  }
}

/** Whether every byte of an ampersand ends a pair; in other charsets it may be a part of a character. */
function endsPairsByByte(charset: string): boolean {
  return isUtf8(charset) || charset.toLowerCase() === 'iso-8859-1';
}

/** The offset after the last `&`, which is not looked for before `from`; 0 when there is none. */
function lastPairEnd(buffer: ReadOnlySequence, from: number): number {
  let found = 0;
  let offset = from;
  for (const segment of buffer.slice(from)) {
    const index = segment.lastIndexOf(ampersand);
    if (index !== -1) found = offset + index + 1;
    offset += segment.length;
  }
  return found;
}

/** How many bytes the first pairs have. */
function lengthOf(count: number, batch: ReadOnlySequence): number {
  const bytes = batch.toBuffer();
  let length = 0;
  for (let left = count; left > 0; left -= 1) length = bytes.indexOf(ampersand, length) + 1;
  return length;
}
