import { isPromise } from 'node:util/types';
import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import type { BatchSource } from './batch-iterator';
import { decodeUtf8 } from './decode-utf8';
import { elementTooDeep, elementTooLong, valueParseFailed } from './errors';
import { joinBriefly } from './join-briefly';
import { expectEnd, skipToElements, whiteSpaceEnd } from './json-array-edges';
import { JsonArrayScanner } from './json-array-scanner';
import { answerLast, nextRead } from './next-read';
import { type ProtoPoisoning, parseChecked } from './proto-poisoning';
import { SearchedPart } from './searched-part';
import { type StandardSchema, validate } from './standard-schema';

/** Options with every default filled in. */
export interface JsonArraySettings extends WaitOptions {
  readonly maxElementLength: number;
  readonly maxDepth: number;
  readonly onProtoPoisoning: ProtoPoisoning;
  readonly schema?: StandardSchema;
}

/** Elements that are there whole: their bytes, and the comma or bracket behind each of them. */
interface Batch {
  readonly bytes: ReadOnlySequence;
  readonly ends: readonly number[];
}

/** The elements of a JSON array, as many at once as one read brought. Those before one that is refused come first. */
export class JsonArraySource implements BatchSource<unknown> {
  readonly #reader: PipeReader;
  readonly #settings: JsonArraySettings;
  readonly #searched = new SearchedPart();
  readonly #scanner: JsonArrayScanner;
  #state: 'before' | 'within' | 'behind' | 'ended' = 'before';
  #batch: Batch | undefined;
  /** Elements, and bytes, that were handed out. */
  #elementCount = 0;
  #offset = 0;
  /** Not the error itself: a schema may throw anything, undefined too. */
  #failure: { readonly error: unknown } | undefined;

  constructor(reader: PipeReader, settings: JsonArraySettings) {
    this.#reader = reader;
    this.#settings = settings;
    this.#scanner = new JsonArrayScanner(settings.maxDepth);
  }

  async read(): Promise<readonly unknown[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#state === 'before') {
      this.#offset = await skipToElements(this.#reader, this.#settings);
      this.#state = 'within';
    }
    while (this.#state === 'within') {
      const batch = this.#findBatch(await nextRead(this.#reader, this.#settings));
      if (batch !== undefined) return this.#validated(this.#parse(batch), batch);
    }
    if (this.#state === 'behind') await expectEnd(this.#reader, this.#offset, this.#settings);
    this.#state = 'ended';
    return undefined;
  }

  leave(count: number): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    const length = count === 0 ? 0 : (batch.ends[count - 1] as number) + 1;
    this.#batch = undefined;
    this.#elementCount += count;
    this.#offset += length;
    answerLast(this.#reader, () => batch.bytes.getPosition(length));
  }

  /** The bytes of whole elements; undefined, and the read is answered, where there are none yet. */
  #findBatch({ buffer, isCompleted }: ReadResult): Batch | undefined {
    const searched = this.#searched;
    const fresh = searched.rest(buffer);
    const ends: number[] = [];
    const found = this.#scanner.scan(joinBriefly(fresh), searched.length, ends);
    const length = (ends.at(-1) ?? -1) + 1;
    if (found === 'closed') this.#state = 'behind';
    if (found === 'tooDeep') this.#failure = { error: this.#tooDeep(buffer, ends.length, length) };
    if (length > 0) {
      searched.restart(fresh, length - searched.length, fresh.length);
      return { bytes: buffer.slice(0, length), ends };
    }
    searched.add(fresh, fresh.length);
    const isCutOff = isCompleted && searched.length === buffer.length;
    this.#failure ??= this.#failureOfPart(buffer, isCutOff);
    this.#reader.advanceTo(buffer.start, fresh.end);
    if (this.#failure !== undefined) throw this.#failure.error;
    return undefined;
  }

  /** What is wrong with an element that has not arrived whole. */
  #failureOfPart(buffer: ReadOnlySequence, isCutOff: boolean): { readonly error: unknown } | undefined {
    const isTooLong = this.#searched.length > this.#settings.maxElementLength;
    if (!isTooLong && !isCutOff) return undefined;
    const place = this.#place(joinBriefly(buffer), 0, 0);
    if (isTooLong) return { error: elementTooLong(place, this.#settings.maxElementLength) };
    return { error: valueParseFailed(place, '', new SyntaxError('Unexpected end of JSON input')) };
  }

  #parse(batch: Batch): readonly unknown[] {
    const bytes = joinBriefly(batch.bytes);
    this.#batch = batch;
    const values = this.#areShort(batch) ? this.#parseTogether(bytes) : undefined;
    if (values?.length === batch.ends.length) return values;
    if (values?.length === 0 && this.#isEmptyArray(batch)) {
      // The bracket alone: no element of it will be handed out that could take it along.
      this.#batch = undefined;
      this.#offset += bytes.length;
      this.#reader.advanceTo(batch.bytes.end);
      return [];
    }
    return this.#parseOneByOne(bytes, batch.ends);
  }

  /** All elements at once, which is faster by half; the last byte is the comma or the bracket behind them. */
  #parseTogether(bytes: Buffer): unknown[] | undefined {
    try {
      return parseChecked(`[${decodeUtf8(bytes.subarray(0, -1))}]`, this.#settings.onProtoPoisoning) as unknown[];
    } catch {
      return undefined;
    }
  }

  /** To find out which element is wrong. */
  #parseOneByOne(bytes: Buffer, ends: readonly number[]): readonly unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (const [index, end] of ends.entries()) {
      if (end - start > this.#settings.maxElementLength) {
        this.#failure = { error: elementTooLong(this.#place(bytes, index, start), this.#settings.maxElementLength) };
        break;
      }
      const text = decodeUtf8(bytes.subarray(whiteSpaceEnd(bytes, start, end), end));
      try {
        values.push(parseChecked(text, this.#settings.onProtoPoisoning));
      } catch (error) {
        this.#failure = { error: valueParseFailed(this.#place(bytes, index, start), text, error) };
        break;
      }
      start = end + 1;
    }
    return values;
  }

  /** What the schema makes of the values, up to the first that does not match. */
  async #validated(values: readonly unknown[], { bytes, ends }: Batch): Promise<readonly unknown[]> {
    const { schema } = this.#settings;
    if (schema === undefined || values.length === 0) return values;
    // All before the first await: the joined bytes are good for now only.
    const joined = joinBriefly(bytes);
    const places = values.map((_, index) => this.#place(joined, index, (ends[index - 1] ?? -1) + 1));
    const outputs: unknown[] = [];
    try {
      for (const [index, value] of values.entries()) {
        const output = validate(schema, value, places[index]);
        outputs.push(isPromise(output) ? await output : output);
      }
    } catch (error) {
      this.#failure = { error };
    }
    return outputs;
  }

  #areShort({ bytes, ends }: Batch): boolean {
    const { maxElementLength } = this.#settings;
    if (bytes.length - 1 <= maxElementLength) return true;
    return ends.every((end, index) => end - (ends[index - 1] ?? -1) - 1 <= maxElementLength);
  }

  #isEmptyArray({ ends }: Batch): boolean {
    return this.#state === 'behind' && this.#elementCount === 0 && ends.length === 1;
  }

  /** One that was too long before it was too deep is too long, as it is where it comes in small chunks. */
  #tooDeep(buffer: ReadOnlySequence, index: number, start: number): unknown {
    const { maxDepth, maxElementLength } = this.#settings;
    const place = this.#place(joinBriefly(buffer), index, start);
    if (this.#scanner.tooDeepAt - start > maxElementLength) return elementTooLong(place, maxElementLength);
    return elementTooDeep(place, maxDepth);
  }

  /** White space before the element is looked at no further than its length is: in small chunks no more has come. */
  #place(bytes: Buffer, index: number, start: number) {
    const end = Math.min(bytes.length, start + this.#settings.maxElementLength + 1);
    return { element: this.#elementCount + index + 1, offset: this.#offset + whiteSpaceEnd(bytes, start, end) };
  }
}
