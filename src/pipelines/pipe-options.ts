import type { MemoryPool } from '../buffers/memory-pool';
import { checkPool } from './check-pool';
import { checkSize } from './check-size';
import { thresholdOrder } from './errors';

/** Options of a {@link Pipe}. As PipeOptions in .NET. Bad values are refused when it is made: `RangeError`, `TypeError`
 * for the pool. */
export interface PipeOptions {
  /**
   * Bytes flushed and not examined from which on `flush()` waits. 0 means that it never waits.
   *
   * @defaultValue 65536 (64 KiB)
   */
  pauseWriterThreshold?: number;
  /**
   * A waiting `flush()` goes on when fewer bytes than this are flushed and not examined. 0 counts as 1. Not above
   * `pauseWriterThreshold`.
   *
   * @defaultValue half of `pauseWriterThreshold`: 32768 (32 KiB)
   */
  resumeWriterThreshold?: number;
  /**
   * Bytes of the blocks that are written into.
   *
   * @defaultValue 4096 (4 KiB)
   */
  minimumSegmentSize?: number;
  /** Where blocks come from. Default: the garbage collector's memory. */
  pool?: MemoryPool;
}

/** Options with every default filled in. */
export interface PipeSettings {
  readonly pauseWriterThreshold: number;
  readonly resumeWriterThreshold: number;
  readonly minimumSegmentSize: number;
  readonly pool: MemoryPool | undefined;
}

export const defaultPauseWriterThreshold = 65_536;
export const defaultMinimumSegmentSize = 4_096;

export function resolvePipeOptions(options: PipeOptions): PipeSettings {
  const { pauseWriterThreshold = defaultPauseWriterThreshold, minimumSegmentSize = defaultMinimumSegmentSize } =
    options;
  const resumeWriterThreshold = options.resumeWriterThreshold ?? Math.floor(pauseWriterThreshold / 2);
  checkSize('pauseWriterThreshold', pauseWriterThreshold, 0);
  checkSize('resumeWriterThreshold', resumeWriterThreshold, 0);
  checkSize('minimumSegmentSize', minimumSegmentSize, 1);
  checkPool(options.pool);
  if (pauseWriterThreshold > 0 && resumeWriterThreshold > pauseWriterThreshold) {
    throw thresholdOrder(pauseWriterThreshold, resumeWriterThreshold);
  }
  return {
    pauseWriterThreshold,
    resumeWriterThreshold: Math.max(1, resumeWriterThreshold),
    minimumSegmentSize,
    pool: options.pool,
  };
}
