import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import { isUint8Array } from 'node:util/types';
import { notBytes } from '../buffers/errors';
import { checkSignal } from './abort-error';
import { adaptersMissing } from './errors';
import type { FlushResult, WaitOptions, WriteOptions } from './results';
import type { ViewOptions, WriterOptions } from './stream-options';

/** The members that touch streams: declared with the class, provided by `streams/` (docs/decisions/003). */
export interface WriterAdapters {
  from(destination: Writable | WritableStream<Uint8Array>, options?: WriterOptions): PipeWriter;
  asStream(writer: PipeWriter, options?: ViewOptions): Writable;
  asWebStream(writer: PipeWriter, options?: ViewOptions): WritableStream<Uint8Array>;
  copyFrom(
    writer: PipeWriter,
    source: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    options?: WaitOptions,
  ): Promise<void>;
}

let provided: WriterAdapters | undefined;

export function provideWriterAdapters(adapters: WriterAdapters): void {
  provided = adapters;
}

function adapters(): WriterAdapters {
  if (provided === undefined) throw adaptersMissing();
  return provided;
}

/**
 * The end of a pipe that bytes are written to. As PipeWriter in .NET.
 *
 * Nothing leaves before `flush()` (or `write()`, `complete()`). A subclass brings `getMemory`, `advance`, `flush`,
 * `cancelPendingFlush` and `complete`; everything else builds on them.
 */
export abstract class PipeWriter {
  /**
   * A writer over a stream. `complete()` ends the stream, `complete(error)` destroys it, unless `leaveOpen` is set.
   */
  static from(destination: Writable | WritableStream<Uint8Array>, options?: WriterOptions): PipeWriter {
    return adapters().from(destination, options);
  }

  /**
   * Memory to write into: at least `max(1, sizeHint)` bytes, not zeroed, good until the next call of this writer.
   *
   * Throws `RangeError` for a hint below 0, `ERR_PIPE_WRITER_COMPLETED`, `ERR_PIPE_FLUSH_IN_PROGRESS`.
   */
  abstract getMemory(sizeHint?: number): Buffer;

  /** The first `byteCount` bytes of the memory that {@link PipeWriter.getMemory} gave are data now. `RangeError` for more. */
  abstract advance(byteCount: number): void;

  /** Hands on what was advanced; waits while the reader is behind. Rejects with the reader's error. */
  abstract flush(options?: WaitOptions): Promise<FlushResult>;

  /** Makes the pending flush, or else the next one, resolve with `isCanceled`. Its bytes stay flushed. */
  abstract cancelPendingFlush(): void;

  /** No more will be written. Flushes first; with an error, the reader gets that error. Later calls are ignored. */
  abstract complete(error?: unknown): Promise<void>;

  /** Bytes that were advanced and not flushed. 0 for a subclass that does not count them. */
  get unflushedBytes(): number {
    return 0;
  }

  /** Copies the bytes (text as `encoding`, default UTF-8) and flushes. The caller may reuse them once it settled. */
  async write(data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult> {
    const bytes = bytesToWrite(data, options);
    if (bytes.length > 0) {
      this.getMemory(bytes.length).set(bytes);
      this.advance(bytes.length);
    }
    return this.flush(options);
  }

  /** A `Writable` over this writer. Ending it completes the writer, unless `leaveOpen` is set. */
  asStream(options?: ViewOptions): Writable {
    return adapters().asStream(this, options);
  }

  /** A web `WritableStream` over this writer. Closing it completes the writer, unless `leaveOpen` is set. */
  asWebStream(options?: ViewOptions): WritableStream<Uint8Array> {
    return adapters().asWebStream(this, options);
  }

  /** Writes all that the source brings, at the pace of the reader. Completes neither side. */
  copyFrom(
    source: Readable | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
    options?: WaitOptions,
  ): Promise<void> {
    return adapters().copyFrom(this, source, options);
  }
}

/** What a `write()` writes, once its arguments are known to be good. */
export function bytesToWrite(data: Uint8Array | string, options: WriteOptions | undefined): Uint8Array {
  checkWritten(data, options);
  return typeof data === 'string' ? Buffer.from(data, options?.encoding) : data;
}

/** Refuses what is neither bytes nor text, and a signal that is aborted already or none. */
export function checkWritten(data: Uint8Array | string, options: WaitOptions | undefined): void {
  checkSignal(options?.signal);
  if (typeof data !== 'string' && !isUint8Array(data)) throw notBytes('data');
}
