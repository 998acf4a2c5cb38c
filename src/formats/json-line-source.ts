import { isPromise } from 'node:util/types';
import type { BatchSource } from './batch-iterator';
import { emptyLine, valueParseFailed } from './errors';
import type { LineSource } from './line-source';
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
  #batch: readonly string[] = [];
  #values: readonly Value[] = [];
  /** Lines of the batch that gave the values, or were left out. */
  #lineCount = 0;
  /** Not the error itself: a schema may throw anything, undefined too. */
  #failure: { readonly error: unknown } | undefined;

  constructor(lines: LineSource, options: JsonLineOptions<Value>) {
    this.#lines = lines;
    this.#options = options;
  }

  async read(): Promise<readonly Value[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error;
    const lines = await this.#lines.read();
    if (lines === undefined) return undefined;
    const values: Value[] = [];
    this.#batch = lines;
    this.#values = values;
    this.#lineCount = 0;
    const { schema } = this.#options;
    try {
      if (schema === undefined) this.#parseInto(values as unknown[]);
      else await this.#validateInto(values, schema);
    } catch (error) {
      this.#failure = { error };
    }
    return values;
  }

  leave(count: number): void {
    this.#lines.leave(count === this.#values.length ? this.#lineCount : this.#linesOf(count));
  }

  #parseInto(values: unknown[]): void {
    for (const line of this.#batch) {
      if (!this.#isLeftOut(line)) values.push(this.#parse(line));
      this.#lineCount += 1;
    }
  }

  async #validateInto(values: Value[], schema: StandardSchema<Value>): Promise<void> {
    for (const line of this.#batch) {
      if (!this.#isLeftOut(line)) {
        const value = validate(schema, this.#parse(line), this.#place());
        values.push(isPromise(value) ? await value : value);
      }
      this.#lineCount += 1;
    }
  }

  #isLeftOut(line: string): boolean {
    return this.#options.skipEmpty === true && !notEmpty.test(line);
  }

  #parse(line: string): unknown {
    try {
      return parseChecked(line, this.#options.onProtoPoisoning ?? 'ignore');
    } catch (error) {
      throw notEmpty.test(line) ? valueParseFailed(this.#place(), line, error) : emptyLine(this.#place().line);
    }
  }

  #place() {
    return { line: this.#lines.lineNumber + this.#lineCount };
  }

  /** How many lines of the batch the first values came from. */
  #linesOf(count: number): number {
    let values = 0;
    let lines = 0;
    while (values < count) {
      if (!this.#isLeftOut(this.#batch[lines] as string)) values += 1;
      lines += 1;
    }
    return lines;
  }
}
