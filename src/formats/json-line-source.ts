import { isPromise } from 'node:util/types';
import type { BatchSource } from './batch-iterator';
import { emptyLine, valueParseFailed } from './errors';
import type { LineSource } from './line-source';
import { parseObjectLines } from './parse-object-lines';
import { type ProtoPoisoning, parseChecked } from './proto-poisoning';
import { type StandardSchema, validate } from './standard-schema';

/** Options of everything that reads NDJSON. */
export interface JsonLineOptions<Value> {
  /** Checks and transforms each value; one that does not match is a 422, `entity.schema.failed`, with `issues` and `line`. */
  schema?: StandardSchema<Value>;
  /**
   * What happens to a key `__proto__`, and to `constructor` over an object with `prototype`: `'error'` is a 400, `'remove'`
   * drops the key, `'ignore'` keeps it, as `JSON.parse`.
   */
  onProtoPoisoning?: ProtoPoisoning;
  /** Leave out lines of nothing but white space, which are no JSON. Default false. */
  skipEmpty?: boolean;
}

/** RFC 8259 §2: white space is these characters. The line feed ends the line. */
const notEmpty = /[^ \t\r]/;

/** The values of lines. Those before a line that is refused are handed out first. */
export class JsonLineSource<Value> implements BatchSource<Value> {
  readonly #lines: LineSource;
  readonly #options: JsonLineOptions<Value>;
  /** Until a batch shows that they are not: to parse it twice is to parse slowly. */
  #areObjects = true;
  #values: readonly unknown[] = [];
  /** How many lines the values came from, or were left out; and for each value up to its own, where they were cut. */
  #lineCount = 0;
  #lineCounts: number[] | undefined;
  /** Not the error itself: a schema may throw anything, undefined too. */
  #failure: { readonly error: unknown } | undefined;

  constructor(lines: LineSource, options: JsonLineOptions<Value>) {
    this.#lines = lines;
    this.#options = options;
  }

  async read(): Promise<readonly Value[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (!(await this.#lines.readBatch())) return undefined;
    const { schema } = this.#options;
    this.#values = this.#parseTogether() ?? this.#parseEach();
    if (schema !== undefined) this.#values = await this.#validated(schema);
    return this.#values as readonly Value[];
  }

  leave(count: number): void {
    const isAll = count === this.#values.length;
    const isWhole = isAll && this.#lineCounts === undefined && this.#failure === undefined;
    if (isWhole) this.#lines.leaveAll(this.#lineCount);
    else this.#lines.leave(isAll ? this.#lineCount : this.#linesOf(count));
  }

  /** All values at once, which is faster; nothing where that cannot be. */
  #parseTogether(): unknown[] | undefined {
    const text = this.#areObjects ? this.#lines.shortText : undefined;
    const values = text === undefined ? undefined : parseObjectLines(text, this.#action);
    this.#areObjects = values !== undefined;
    this.#lineCount = values?.length ?? 0;
    this.#lineCounts = undefined;
    return values;
  }

  #parseEach(): unknown[] {
    const values: unknown[] = [];
    const lineCounts: number[] = [];
    this.#lineCounts = lineCounts;
    try {
      for (const line of this.#lines.cut()) {
        if (!this.#isLeftOut(line)) lineCounts[values.push(this.#parse(line)) - 1] = this.#lineCount + 1;
        this.#lineCount += 1;
      }
    } catch (error) {
      this.#failure = { error };
    }
    return values;
  }

  /** What the schema makes of the values, up to the first that does not match. */
  async #validated(schema: StandardSchema<Value>): Promise<readonly Value[]> {
    const outputs: Value[] = [];
    try {
      for (const value of this.#values) {
        const output = validate(schema, value, this.#place(this.#linesOf(outputs.length + 1) - 1));
        outputs.push(isPromise(output) ? await output : output);
      }
    } catch (error) {
      this.#failure = { error };
      this.#lineCount = this.#linesOf(outputs.length + 1) - 1;
    }
    return outputs;
  }

  #isLeftOut(line: string): boolean {
    return this.#options.skipEmpty === true && !notEmpty.test(line);
  }

  get #action(): ProtoPoisoning {
    return this.#options.onProtoPoisoning ?? 'ignore';
  }

  #parse(line: string): unknown {
    try {
      return parseChecked(line, this.#action);
    } catch (error) {
      const place = this.#place(this.#lineCount);
      throw notEmpty.test(line) ? valueParseFailed(place, line, error) : emptyLine(place.line);
    }
  }

  #place(index: number) {
    return { line: this.#lines.lineNumber + index };
  }

  /** How many lines of the batch the first values came from. */
  #linesOf(count: number): number {
    return this.#lineCounts === undefined || count === 0 ? count : (this.#lineCounts[count - 1] as number);
  }
}
