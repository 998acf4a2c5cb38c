import type { PipeReader } from '../pipelines/pipe-reader';
import type { WaitOptions } from '../pipelines/results';
import { BatchIterator } from './batch-iterator';
import { isCharset } from './charset';
import { checkLimit } from './check-limit';
import { unknownFormCharset } from './errors';
import { FormSource } from './form-source';
import type { PairLimits } from './unescape-pairs';

/**
 * Options of a {@link FormReader}; the limits are those of FormOptions in ASP.NET, and each may be `Infinity`. Default
 * `valueCountLimit` 1,024, `keyLengthLimit` 2,048 (2 KiB) and `valueLengthLimit` 4,194,304 (4 MiB).
 */
export interface FormReaderOptions extends Partial<PairLimits>, WaitOptions {
  /** Bytes of the whole form at most; `entity.too.large`. Default 134,217,728 (128 MiB). */
  bufferBodyLengthLimit?: number | undefined;
  /** The charset of the form. Default UTF-8. */
  charset?: string | undefined;
}

/** A form by its names; a name that comes more than once has an array. Without a prototype. */
export type Form = Record<string, string | string[]>;

export const defaultFormReaderLimits = {
  valueCountLimit: 1_024,
  keyLengthLimit: 2_048,
  valueLengthLimit: 4_194_304,
  bufferBodyLengthLimit: 134_217_728,
};

/**
 * The pairs of a urlencoded form, as they arrive. As FormPipeReader in ASP.NET.
 *
 * What is refused is refused after the pairs before it. Leaving the loop leaves the reader at the first pair that was not
 * handed out. A form in a charset in which `&` is not always the end of a pair is read whole.
 */
export class FormReader implements AsyncIterable<[name: string, value: string]> {
  readonly #source: FormSource;

  /** `RangeError` for what is no limit, `TypeError` for a charset that nobody knows. */
  constructor(reader: PipeReader, options: FormReaderOptions = {}) {
    const limits = { ...defaultFormReaderLimits };
    for (const name of Object.keys(defaultFormReaderLimits) as (keyof typeof defaultFormReaderLimits)[]) {
      limits[name] = checkLimit(name, options[name] ?? defaultFormReaderLimits[name]);
    }
    const { charset = 'utf-8', signal } = options;
    if (!isCharset(charset)) throw unknownFormCharset(charset);
    this.#source = new FormSource(reader, { ...limits, charset, ...(signal && { signal }) });
  }

  /** All pairs that are left, collected. */
  async readForm(): Promise<Form> {
    const form: Form = Object.create(null);
    const source = this.#source;
    for (let pairs = await source.read(); pairs !== undefined; pairs = await source.read()) {
      source.leave(pairs.length);
      for (const [name, value] of pairs) addTo(form, name, value);
    }
    return form;
  }

  /** The pairs from here on, as they arrive; those before a refused one first. */
  [Symbol.asyncIterator](): AsyncIterableIterator<[name: string, value: string]> {
    return new BatchIterator(this.#source);
  }
}

function addTo(form: Form, name: string, value: string): void {
  const before = form[name];
  if (before === undefined) form[name] = value;
  else if (typeof before === 'string') form[name] = [before, value];
  else before.push(value);
}
