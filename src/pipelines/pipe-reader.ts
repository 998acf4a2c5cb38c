import type { Readable, Writable } from 'node:stream';
import type { ReadableStream, WritableStream } from 'node:stream/web';
import type { SequencePosition } from '../buffers/sequence-position';
import { checkSize } from './check-size';
import { adaptersMissing, readCanceled, readerCompletedCode } from './errors';
import type { PipeWriter } from './pipe-writer';
import type { ReadResult, WaitOptions } from './results';
import type { ReaderOptions, ReaderSource, ViewOptions } from './stream-options';

/** The members that touch streams: declared with the class, provided by `streams/` (docs/decisions/003). */
export interface ReaderAdapters {
  from(source: ReaderSource, options?: ReaderOptions): PipeReader;
  asStream(reader: PipeReader, options?: ViewOptions): Readable;
  asWebStream(reader: PipeReader, options?: ViewOptions): ReadableStream<Uint8Array>;
  copyTo(
    reader: PipeReader,
    destination: PipeWriter | Writable | WritableStream<Uint8Array>,
    options?: WaitOptions,
  ): Promise<void>;
}

let provided: ReaderAdapters | undefined;

export function provideReaderAdapters(adapters: ReaderAdapters): void {
  provided = adapters;
}

function adapters(): ReaderAdapters {
  if (provided === undefined) throw adaptersMissing();
  return provided;
}

/**
 * The end of a pipe that bytes are read from. As PipeReader in .NET.
 *
 * Each `read()` is answered by `advanceTo(consumed, examined)`: what lies before `consumed` is given back, what lies
 * before `examined` is kept but alone does not end the next wait. A subclass brings `read`, `tryRead`, `advanceTo`,
 * `cancelPendingRead` and `complete`; everything else builds on them.
 */
export abstract class PipeReader {
  /**
   * A reader over a stream, a web stream, an async iterable, bytes or a sequence. `complete()` closes the source,
   * unless `leaveOpen` is set.
   */
  static from(source: ReaderSource, options?: ReaderOptions): PipeReader {
    return adapters().from(source, options);
  }

  /**
   * Waits for bytes that were not examined yet, for the end, or for a cancellation.
   *
   * Rejects with the writer's error, `ERR_PIPE_READER_COMPLETED`, `ERR_PIPE_READ_IN_PROGRESS` or an `AbortError`.
   */
  abstract read(options?: WaitOptions): Promise<ReadResult>;

  /** What {@link PipeReader.read} would give without waiting; undefined when it would wait. */
  abstract tryRead(): ReadResult | undefined;

  /**
   * Answers a read. `examined` defaults to `consumed`.
   *
   * Everything is checked before anything changes: a position that is foreign, released or reversed is an
   * `InvalidOperationError`, what is no position a `TypeError`.
   */
  abstract advanceTo(consumed: SequencePosition, examined?: SequencePosition): void;

  /** Makes the pending read, or else the next one, resolve with `isCanceled` and what is there. */
  abstract cancelPendingRead(): void;

  /** Nothing more will be read. Takes effect at once; settles when the source is closed. Later calls are ignored. */
  abstract complete(error?: unknown): Promise<void>;

  /** As {@link PipeReader.read}, and waits until the buffer has at least `minimumLength` bytes, the end or a cancellation. */
  async readAtLeast(minimumLength: number, options?: WaitOptions): Promise<ReadResult> {
    checkSize('minimumLength', minimumLength, 0);
    for (;;) {
      const result = await this.read(options);
      if (result.isCompleted || result.isCanceled || result.buffer.length >= minimumLength) return result;
      this.advanceTo(result.buffer.start, result.buffer.end);
    }
  }

  /** Writes everything to the destination, at its pace. Completes neither side; a failed write loses nothing. */
  copyTo(destination: PipeWriter | Writable | WritableStream<Uint8Array>, options?: WaitOptions): Promise<void> {
    return adapters().copyTo(this, destination, options);
  }

  /** A `Readable` over this reader. Destroying it, or its end, completes the reader, unless `leaveOpen` is set. */
  asStream(options?: ViewOptions): Readable {
    return adapters().asStream(this, options);
  }

  /** A web `ReadableStream` over this reader, which its end or `cancel()` completes, unless `leaveOpen` is set. */
  asWebStream(options?: ViewOptions): ReadableStream<Uint8Array> {
    return adapters().asWebStream(this, options);
  }

  /**
   * The bytes, segment by segment; each is good until the next step. Leaving the loop consumes what was handed out
   * and does not complete the reader.
   */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    for (;;) {
      const { buffer, isCompleted, isCanceled } = this.tryRead() ?? (await this.read());
      let consumed = buffer.start;
      let handedOut = 0;
      try {
        if (isCanceled) throw readCanceled('iteration');
        for (const segment of buffer) {
          handedOut += segment.length;
          consumed = buffer.getPosition(handedOut);
          yield segment;
        }
      } finally {
        this.#answer(consumed);
      }
      if (isCompleted) return;
    }
  }

  /** Answers a read whose reader may have been completed meanwhile. */
  #answer(consumed: SequencePosition): void {
    try {
      this.advanceTo(consumed);
    } catch (error) {
      if ((error as { code?: string }).code !== readerCompletedCode) throw error;
    }
  }
}
