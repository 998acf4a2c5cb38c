import { isUint8Array } from 'node:util/types';
import { ByteSet } from './byte-set';
import { notBytes } from './errors';
import { EscapeRuns } from './escape-runs';
import { ReadOnlySequence } from './read-only-sequence';
import type { ReadToAnyOptions, ReadToOptions } from './read-to-options';
import { checkCount, SequenceCursor } from './sequence-cursor';
import { SequencePosition } from './sequence-position';
import { checkByte, indexOfMember, indexOfNeedle, startsWith, toNeedle } from './sequence-search';

/**
 * A cursor over a {@link ReadOnlySequence}, for parsers. As `SequenceReader<byte>` in .NET.
 *
 * What a `try…` method cannot give is `undefined` or `false`, and the cursor stays where it was; so it does
 * when an argument is refused. Offsets and counts are bytes. Pass `reader.position` to `advanceTo()` when done.
 */
export class SequenceReader extends SequenceCursor {
  /**
   * The bytes up to the first delimiter (a byte, bytes in a row, or text as UTF-8), and moves behind that.
   *
   * An empty delimiter is found at once. There is no limit of length: check `remaining` when nothing was found.
   */
  tryReadTo(delimiter: number | Uint8Array | string, options: ReadToOptions = {}): ReadOnlySequence | undefined {
    const needle = toNeedle(delimiter, 'delimiter');
    if (options.escape !== undefined) checkByte(options.escape, 'escape');
    const found = this.#find(needle, options.escape);
    return this.#readUpTo(found, options.advancePastDelimiter === false ? 0 : lengthOf(needle));
  }

  /** The bytes up to the first that is one of `delimiters` (bytes, or the UTF-8 bytes of a text), and moves behind it. */
  tryReadToAny(delimiters: Uint8Array | string, options: ReadToAnyOptions = {}): ReadOnlySequence | undefined {
    const set = ByteSet.of(delimiters, 'delimiters');
    const found = indexOfMember(set, this.position, this.endSegment, this.endIndex);
    return this.#readUpTo(found, options.advancePastDelimiter === false ? 0 : 1);
  }

  /** Exactly `count` bytes, and moves behind them. `RangeError` below 0. */
  tryReadExact(count: number): ReadOnlySequence | undefined {
    checkCount('count', count, Number.MAX_SAFE_INTEGER);
    if (count > this.remaining) return undefined;
    const { segment, index } = this.position;
    this.move(count);
    return new ReadOnlySequence(segment, index, this.segment, this.index);
  }

  /** Moves as {@link SequenceReader.tryReadTo} does; whether there was such a delimiter. */
  tryAdvanceTo(delimiter: number | Uint8Array | string, options?: ReadToOptions): boolean {
    return this.tryReadTo(delimiter, options) !== undefined;
  }

  /** Moves as {@link SequenceReader.tryReadToAny} does; whether there was such a delimiter. */
  tryAdvanceToAny(delimiters: Uint8Array | string, options?: ReadToAnyOptions): boolean {
    return this.tryReadToAny(delimiters, options) !== undefined;
  }

  /** Moves behind every `value` that is next, and gives their number. */
  advancePast(value: number): number {
    checkByte(value, 'value');
    const start = this.offset;
    while (this.tryPeek() === value) this.move(1);
    return this.offset - start;
  }

  /** Moves behind all bytes that are one of `values` (bytes, or the UTF-8 bytes of a text), and gives their number. */
  advancePastAny(values: Uint8Array | string): number {
    const set = ByteSet.of(values, 'values');
    const start = this.offset;
    for (let byte = this.tryPeek(); byte !== undefined && set.has(byte); byte = this.tryPeek()) this.move(1);
    return this.offset - start;
  }

  /**
   * Whether a byte, bytes in a row or text (as UTF-8) come next. Nothing, an empty value, always does.
   *
   * `advancePast: true` (default false) moves behind the value when it is next.
   */
  isNext(value: number | Uint8Array | string, options: { readonly advancePast?: boolean } = {}): boolean {
    const needle = toNeedle(value, 'value');
    const isNext =
      typeof needle === 'number'
        ? this.tryPeek() === needle
        : startsWith(needle, this.segment, this.index, this.endSegment, this.endIndex);
    if (isNext && options.advancePast === true) this.move(lengthOf(needle));
    return isNext;
  }

  /** Fills all of `destination` with the next bytes, without moving; copies nothing when there are too few. */
  tryCopyTo(destination: Uint8Array): boolean {
    if (!isUint8Array(destination)) throw notBytes('destination');
    if (destination.length > this.remaining) return false;
    this.unreadSequence.slice(0, destination.length).copyTo(destination);
    return true;
  }

  /** The next 2 bytes as a signed number, the lowest byte first; undefined, and not moved, when there are fewer. */
  tryReadInt16LE(): number | undefined {
    return this.#tryReadNumber(2, (bytes, index) => bytes.readInt16LE(index));
  }

  /** As {@link SequenceReader.tryReadInt16LE}, the highest byte first. */
  tryReadInt16BE(): number | undefined {
    return this.#tryReadNumber(2, (bytes, index) => bytes.readInt16BE(index));
  }

  /** The next 4 bytes as a signed number, the lowest byte first; undefined, and not moved, when there are fewer. */
  tryReadInt32LE(): number | undefined {
    return this.#tryReadNumber(4, (bytes, index) => bytes.readInt32LE(index));
  }

  /** As {@link SequenceReader.tryReadInt32LE}, the highest byte first. */
  tryReadInt32BE(): number | undefined {
    return this.#tryReadNumber(4, (bytes, index) => bytes.readInt32BE(index));
  }

  /** The next 8 bytes as a signed bigint, the lowest byte first; undefined, and not moved, when there are fewer. */
  tryReadBigInt64LE(): bigint | undefined {
    return this.#tryReadNumber(8, (bytes, index) => bytes.readBigInt64LE(index));
  }

  /** As {@link SequenceReader.tryReadBigInt64LE}, the highest byte first. */
  tryReadBigInt64BE(): bigint | undefined {
    return this.#tryReadNumber(8, (bytes, index) => bytes.readBigInt64BE(index));
  }

  /** The first delimiter that is not escaped. */
  #find(needle: number | Buffer, escapeByte: number | undefined): SequencePosition | null {
    const start = this.position;
    let found = indexOfNeedle(needle, start, this.endSegment, this.endIndex);
    if (escapeByte === undefined) return found;
    const runs = new EscapeRuns(escapeByte, start);
    while (found !== null && runs.isEscaped(found)) {
      const next = new SequencePosition(found.segment, found.index + 1);
      found = indexOfNeedle(needle, next, this.endSegment, this.endIndex);
    }
    return found;
  }

  #readUpTo(place: SequencePosition | null, delimiterLength: number): ReadOnlySequence | undefined {
    if (place === null) return undefined;
    const bytes = new ReadOnlySequence(this.segment, this.index, place.segment, place.index);
    this.move(bytes.length + delimiterLength);
    return bytes;
  }

  #tryReadNumber<T>(size: number, read: (bytes: Buffer, index: number) => T): T | undefined {
    if (this.remaining < size) return undefined;
    const { memory, end } = this.segment;
    const isWhole = this.index + size <= end;
    const value = isWhole ? read(memory, this.index) : read(this.unreadSequence.slice(0, size).toBuffer(), 0);
    this.move(size);
    return value;
  }
}

function lengthOf(needle: number | Buffer): number {
  return typeof needle === 'number' ? 1 : needle.length;
}
