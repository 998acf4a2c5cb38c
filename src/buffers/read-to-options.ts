/** What becomes of the delimiter that ended a read. */
export interface ReadToAnyOptions {
  /**
   * Whether the cursor goes on behind the delimiter; else it stays before it. The delimiter is never part of the output.
   *
   * @defaultValue true
   */
  readonly advancePastDelimiter?: boolean;
}

/** What becomes of the delimiter that ended a read, and which delimiters do not count. */
export interface ReadToOptions extends ReadToAnyOptions {
  /**
   * A byte (0 to 255) that takes the meaning from a delimiter: one right after an odd number of escapes does not count.
   *
   * Escapes, and the delimiters they escape, stay in the output. Bytes before the cursor are not looked at. `RangeError`
   * for what is no byte.
   */
  readonly escape?: number;
}
