import type { BufferSegment } from './buffer-segment';

/**
 * A place in a {@link ReadOnlySequence}. Opaque: it is got from a sequence and given back to it (or to `advanceTo`).
 *
 * An object and not a number, so that an offset and a position cannot be mixed up (docs/decisions/002).
 */
export class SequencePosition {
  /** @internal */
  constructor(
    /** @internal */
    readonly segment: BufferSegment,
    /** @internal */
    readonly index: number,
  ) {}

  /** @internal The offset within the whole chain. */
  get offset(): number {
    return this.segment.runningIndex + this.index;
  }
}
