import type { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { MemoryPool } from '../buffers/memory-pool';
import type { ReadOnlySequence } from '../buffers/read-only-sequence';

/** What `PipeReader.from()` reads. */
export type ReaderSource =
  | Readable
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | Uint8Array
  | ReadOnlySequence;

/** Options of `PipeReader.from()`. As StreamPipeReaderOptions in .NET. */
export interface ReaderOptions {
  /**
   * As in .NET, and checked; but sources bring chunks of their own, which are taken by reference and need no block.
   * Default 4096 (4 KiB).
   */
  bufferSize?: number;
  /** Likewise. Default 1024 (1 KiB). */
  minimumReadSize?: number;
  /** Leave the source open when the reader is completed. Default false. */
  leaveOpen?: boolean;
  /** Likewise: nothing is rented from it as long as there are no blocks. */
  pool?: MemoryPool;
}

/** Options of `PipeWriter.from()`. As StreamPipeWriterOptions in .NET. */
export interface WriterOptions {
  /** Bytes of the blocks that are written into. Default 4096 (4 KiB). */
  minimumBufferSize?: number;
  /** Leave the destination open when the writer is completed. Default false. */
  leaveOpen?: boolean;
  /** Where blocks come from. Default: the garbage collector's memory. */
  pool?: MemoryPool;
}

/** Options of the stream views. */
export interface ViewOptions {
  /** Leave the pipe's end open when the stream is destroyed or has ended. Default false. */
  leaveOpen?: boolean;
}
