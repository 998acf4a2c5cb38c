import type { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { SequencePosition } from '../buffers/sequence-position';

/**
 * Bytes that are looked at in one go: what is made of them stays small, however much was buffered. 32 KiB is also the
 * fastest: the text of twice as many, in UTF-16, is too large for V8's young space.
 */
const longestGo = 32_768;

/**
 * How much of the bytes that are kept was searched before, so that no byte is searched twice, and no segment is walked
 * over twice: a long line that comes in small chunks costs no more than in large ones.
 */
export class SearchedPart {
  #length = 0;
  #position: SequencePosition | undefined;

  /** Bytes from the start of the buffer on. */
  get length(): number {
    return this.#length;
  }

  /** What to search next: the bytes behind, at most 32 KiB of them. */
  rest(buffer: ReadOnlySequence): ReadOnlySequence {
    const rest = buffer.slice(this.#placeIn(buffer));
    return rest.length > longestGo ? rest.slice(0, longestGo) : rest;
  }

  /** The first `byteCount` bytes of the rest were searched. */
  add(rest: ReadOnlySequence, byteCount: number): void {
    this.#length += byteCount;
    this.#position = rest.getPosition(byteCount);
  }

  /** The same, and the buffer begins anew behind the first `consumed` bytes of the rest. */
  restart(rest: ReadOnlySequence, consumed: number, byteCount: number): void {
    this.#length = 0;
    this.add(rest, byteCount);
    this.#length -= consumed;
  }

  #placeIn(buffer: ReadOnlySequence): SequencePosition | number {
    if (this.#position === undefined) return this.#length;
    try {
      return buffer.getOffset(this.#position) === this.#length ? this.#position : this.#length;
    } catch {
      // A reader whose sequences have nothing in common: its segments are walked over again.
      return this.#length;
    }
  }
}
