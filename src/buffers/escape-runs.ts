import type { BufferSegment } from './buffer-segment';
import type { SequencePosition } from './sequence-position';

/**
 * Tells escaped delimiters: those right after an odd number of escapes, counted from where the search began.
 *
 * Segments know only their successor, so the run at the end of each one is carried along instead of looked for.
 */
export class EscapeRuns {
  readonly #escapeByte: number;
  #segment: BufferSegment;
  /** Where in the segment to stop counting: before it lies {@link #carried}. */
  #from: number;
  /** Escapes in a row right before the place `#from`. */
  #carried = 0;

  constructor(escapeByte: number, start: SequencePosition) {
    this.#escapeByte = escapeByte;
    this.#segment = start.segment;
    this.#from = start.index;
  }

  /** Whether what begins at a place is escaped. Places have to be asked for in their order. */
  isEscaped(place: SequencePosition): boolean {
    while (this.#segment !== place.segment) {
      this.#carried = this.#runBefore(this.#segment.end);
      this.#segment = this.#segment.next as BufferSegment;
      this.#from = 0;
    }
    return this.#runBefore(place.index) % 2 === 1;
  }

  #runBefore(end: number): number {
    const { memory } = this.#segment;
    let start = end;
    while (start > this.#from && memory[start - 1] === this.#escapeByte) start -= 1;
    return end - start + (start === this.#from ? this.#carried : 0);
  }
}
