import type { ReadOnlySequence } from '../buffers/read-only-sequence';

/** What a read brought. Answer it with `advanceTo()`. As ReadResult in .NET. */
export interface ReadResult {
  /** All bytes that are there and not consumed, those of earlier reads first. Good until `advanceTo()`. */
  readonly buffer: ReadOnlySequence;
  /** No more bytes will come than those in {@link ReadResult.buffer}. */
  readonly isCompleted: boolean;
  /** `cancelPendingRead()` ended the wait; the buffer holds what was there. */
  readonly isCanceled: boolean;
}

/** What became of a flush. As FlushResult in .NET. */
export interface FlushResult {
  /** Nobody reads any more: writing on is for nothing. */
  readonly isCompleted: boolean;
  /** `cancelPendingFlush()` ended the wait; the bytes stay flushed. */
  readonly isCanceled: boolean;
}

/** Options of every call that may wait. */
export interface WaitOptions {
  /** Ends the wait with an `AbortError` whose `cause` is the signal's reason. */
  signal?: AbortSignal;
}

/** Options of what writes. */
export interface WriteOptions extends WaitOptions {
  /** What text is written as. Default UTF-8. */
  encoding?: BufferEncoding;
}
