import { encodeText } from './charset';

/** `'lf'`: LF ends a line, and so does CRLF. `'any'`: a lone CR does too. */
export type LineEnd = 'lf' | 'any';

/** A line in a buffer: where its text ends, and where the next line begins. */
export interface LinePlace {
  readonly end: number;
  readonly next: number;
}

/**
 * Finds the ends of lines in encoded bytes, so that what is decoded is always whole lines.
 *
 * In all charsets but UTF-16 and UTF-32 an end is one byte, which is no part of any other character. In those two it is
 * as wide as every other unit, and units begin at multiples of their width from the start of the text.
 */
export class LineEnds {
  /** Bytes of a line feed. */
  readonly width: number;
  readonly #lineFeed: number | Buffer;
  readonly #carriageReturn: number | Buffer;
  readonly #endsAtCarriageReturn: boolean;

  constructor(charset: string, eol: LineEnd) {
    const lineFeed = encodeText('\n', charset);
    this.width = lineFeed.length;
    this.#lineFeed = toUnit(lineFeed);
    this.#carriageReturn = toUnit(encodeText('\r', charset));
    this.#endsAtCarriageReturn = eol === 'any';
  }

  /** Where the last line that has an end is over; 0 when none has one. A CR at the very end may be half of a CRLF. */
  afterLast(bytes: Buffer): number {
    const afterLineFeed = this.#lastIndexOf(this.#lineFeed, bytes, bytes.length) + this.width;
    if (!this.#endsAtCarriageReturn) return afterLineFeed;
    const last = bytes.length - this.unsureLength(bytes);
    const afterCarriageReturn = this.#lastIndexOf(this.#carriageReturn, bytes, last) + this.width;
    return Math.max(afterLineFeed, afterCarriageReturn);
  }

  /** Bytes at the end that cannot be judged before more have come: a part of a unit, and a CR that may end a line. */
  unsureLength(bytes: Buffer): number {
    const partOfUnit = bytes.length % this.width;
    const last = bytes.length - partOfUnit - this.width;
    const isUnsure = this.#endsAtCarriageReturn && last >= 0 && this.#isAt(this.#carriageReturn, bytes, last);
    return isUnsure ? partOfUnit + this.width : partOfUnit;
  }

  /** All lines, the last one also without an end. */
  *linesOf(bytes: Buffer): Generator<LinePlace, void> {
    let lineFeed = -1;
    let carriageReturn = this.#endsAtCarriageReturn ? -1 : bytes.length;
    for (let start = 0; start < bytes.length; ) {
      if (lineFeed < start) lineFeed = this.#indexOf(this.#lineFeed, bytes, start);
      if (carriageReturn < start) carriageReturn = this.#indexOf(this.#carriageReturn, bytes, start);
      const place = this.#place(bytes, start, lineFeed, carriageReturn);
      yield place;
      start = place.next;
    }
  }

  #place(bytes: Buffer, start: number, lineFeed: number, carriageReturn: number): LinePlace {
    const { width } = this;
    if (carriageReturn < lineFeed) {
      const next = carriageReturn + width;
      return { end: carriageReturn, next: lineFeed === next ? next + width : next };
    }
    if (lineFeed === bytes.length) return { end: lineFeed, next: lineFeed };
    const before = lineFeed - width;
    const hasCarriageReturn = before >= start && this.#isAt(this.#carriageReturn, bytes, before);
    return { end: hasCarriageReturn ? before : lineFeed, next: lineFeed + width };
  }

  #isAt(unit: number | Buffer, bytes: Buffer, index: number): boolean {
    return typeof unit === 'number' ? bytes[index] === unit : unit.compare(bytes, index, index + this.width) === 0;
  }

  /** The first place of a unit at or after `from`; the number of bytes when there is none. */
  #indexOf(unit: number | Buffer, bytes: Buffer, from: number): number {
    let index = bytes.indexOf(unit, from);
    while (index % this.width > 0) index = bytes.indexOf(unit, index + 1);
    return index === -1 ? bytes.length : index;
  }

  /** The last place of a unit before `end`; `-width` when there is none. */
  #lastIndexOf(unit: number | Buffer, bytes: Buffer, end: number): number {
    let index = end < this.width ? -1 : bytes.lastIndexOf(unit, end - this.width);
    while (index % this.width > 0) index = bytes.lastIndexOf(unit, index - 1);
    return index === -1 ? -this.width : index;
  }
}

/** One byte is found faster as a number. */
function toUnit(bytes: Buffer): number | Buffer {
  return bytes.length === 1 ? (bytes[0] as number) : bytes;
}
