/** Decodes text that arrives in pieces, cut anywhere. */
export interface CharsetDecoder {
  write(bytes: Buffer): string;
  /** What an unfinished character at the very end is worth. */
  end(): string | undefined;
}
