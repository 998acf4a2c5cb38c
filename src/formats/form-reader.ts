import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { isCharset, isUtf8 } from './charset';
import { checkLimit } from './check-limit';
import { entityTooLarge, keyTooLong, tooManyValues, valueTooLong } from './errors';
import { readBytes } from './read-bytes';
import { forEachPair, type PairLimits } from './urlencoded-pairs';

/**
 * Options of a {@link FormReader}; the limits are those of FormOptions in ASP.NET, and each may be `Infinity`. Default
 * `valueCountLimit` 1,024, `keyLengthLimit` 2,048 (2 KiB) and `valueLengthLimit` 4,194,304 (4 MiB).
 */
export interface FormReaderOptions extends Partial<PairLimits>, WaitOptions {
  /** Bytes of the whole form at most; `entity.too.large`. Default 134,217,728 (128 MiB). */
  bufferBodyLengthLimit?: number;
  /** The charset of the form. Default UTF-8. */
  charset?: string;
}

/** A form by its names; a name that comes more than once has an array. Without a prototype. */
export type Form = Record<string, string | string[]>;

export const defaultFormLimits = {
  valueCountLimit: 1_024,
  keyLengthLimit: 2_048,
  valueLengthLimit: 4_194_304,
  bufferBodyLengthLimit: 134_217_728,
};

const ampersand = 38;
const equals = 61;

/**
 * The pairs of a urlencoded form, as they arrive. As FormPipeReader in ASP.NET.
 *
 * Leaving the loop leaves the reader at a pair that was not handed out, or a few after it: those of one read come
 * together. A form in a charset in which `&` is not always the end of a pair is read whole.
 */
export class FormReader implements AsyncIterable<[string, string]> {
  readonly #reader: PipeReader;
  readonly #limits: typeof defaultFormLimits;
  readonly #options: FormReaderOptions;
  #pairCount = 0;
  #consumedBytes = 0;

  /** `RangeError` for what is no limit, `TypeError` for a charset that nobody knows. */
  constructor(reader: PipeReader, options: FormReaderOptions = {}) {
    this.#limits = { ...defaultFormLimits };
    for (const name of Object.keys(defaultFormLimits) as (keyof typeof defaultFormLimits)[]) {
      this.#limits[name] = checkLimit(name, options[name] ?? defaultFormLimits[name]);
    }
    if (!isCharset(options.charset ?? 'utf-8')) throw new TypeError(`The charset "${options.charset}" is not known.`);
    this.#reader = reader;
    this.#options = options;
  }

  /** All pairs, collected. */
  async readForm(): Promise<Form> {
    const form: Form = Object.create(null);
    for await (const [name, value] of this) {
      const before = form[name];
      if (before === undefined) form[name] = value;
      else if (typeof before === 'string') form[name] = [before, value];
      else before.push(value);
    }
    return form;
  }

  /** The pairs from here on, each `[name, value]`, as they arrive. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<[string, string]> {
    const { charset = 'utf-8' } = this.#options;
    if (!isUtf8(charset) && charset.toLowerCase() !== 'iso-8859-1') {
      const limit = this.#limits.bufferBodyLengthLimit;
      yield* this.#pairsOf(
        await readBytes(this.#reader, { ...this.#options, limit: Math.min(limit, Number.MAX_SAFE_INTEGER) }),
      );
      return;
    }
    for (let searched = 0; ; ) {
      const { buffer, isCompleted } = this.#reader.tryRead() ?? (await this.#reader.read(this.#options));
      const left = this.#limits.bufferBodyLengthLimit - this.#consumedBytes;
      const isTooLong = buffer.length > left;
      const allowed = isTooLong ? buffer.slice(0, left) : buffer;
      const end = isCompleted && !isTooLong ? buffer.length : lastPairEnd(allowed, searched);
      searched = allowed.length - end;
      let pairs: [string, string][];
      let consumed = 0;
      try {
        // In the order of the bytes, so that what is refused does not depend on how they were cut.
        pairs = this.#pairsOf(buffer.slice(0, end).toBuffer());
        if (searched > 0) this.#checkUnfinished(allowed.slice(end));
        if (isTooLong) throw entityTooLarge(this.#limits.bufferBodyLengthLimit, this.#consumedBytes + buffer.length);
        consumed = end;
      } finally {
        this.#reader.advanceTo(buffer.getPosition(consumed), buffer.end);
      }
      this.#consumedBytes += end;
      yield* pairs;
      if (isCompleted) return;
    }
  }

  #pairsOf(bytes: Buffer): [string, string][] {
    const { valueCountLimit } = this.#limits;
    const pairs: [string, string][] = [];
    const limits = { ...this.#limits, valueCountLimit: valueCountLimit - this.#pairCount };
    try {
      forEachPair(bytes, this.#options.charset ?? 'utf-8', limits, (name, value) => pairs.push([name, value]));
    } catch (error) {
      throw (error as { type?: string }).type === 'parameters.too.many' ? tooManyValues(valueCountLimit) : error;
    }
    this.#pairCount += pairs.length;
    return pairs;
  }

  /** A pair that never ends must not be kept until it does. */
  #checkUnfinished(rest: ReadOnlySequence): void {
    const { valueCountLimit, keyLengthLimit, valueLengthLimit } = this.#limits;
    if (this.#pairCount >= valueCountLimit) throw tooManyValues(valueCountLimit);
    if (rest.length <= Math.min(keyLengthLimit, valueLengthLimit)) return;
    const nameEnd = rest.slice(0, Math.min(rest.length, keyLengthLimit + 1)).indexOf(equals);
    if (nameEnd === -1 && rest.length > keyLengthLimit) throw keyTooLong(keyLengthLimit);
    if (nameEnd !== -1 && rest.length - nameEnd - 1 > valueLengthLimit) throw valueTooLong(valueLengthLimit);
  }
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
