import { isUint8Array } from 'node:util/types';
import type { BufferSegment } from '../buffers/buffer-segment';
import { RecentBlocks } from '../buffers/recent-blocks';
import { signalFault } from './abort-error';
import { BlockSource } from './block-source';
import { BufferedPipeReader } from './buffered-pipe-reader';
import { BufferedPipeWriter, flushed, forNobody } from './buffered-pipe-writer';
import { flushInProgress, notCompleted, writerCompleted } from './errors';
import { type PipeOptions, type PipeSettings, resolvePipeOptions } from './pipe-options';
import type { PipeReader } from './pipe-reader';
import type { PipeWriter } from './pipe-writer';
import type { FlushResult, WaitOptions, WriteOptions } from './results';
import { UnreadBytes } from './unread-bytes';

/** Bytes of a write from which on it is worth while to look at them where they are. */
const smallestBorrowed = 4_096;

/** One end of a connection with two directions: it is read from `input` and written to `output`. As IDuplexPipe. */
export interface DuplexPipe {
  /** What the other side writes. */
  readonly input: PipeReader;
  /** What the other side reads. */
  readonly output: PipeWriter;
}

/**
 * Bytes from a writer to a reader, with back-pressure. As Pipe in .NET.
 *
 * The writer's `flush()` waits from `pauseWriterThreshold` flushed and not examined bytes on. Each end is completed by
 * whoever holds it; memory is given back when both are.
 */
export class Pipe {
  /** The end that takes the bytes out. */
  readonly reader: PipeReader;
  /** The end that bytes are put in by. */
  readonly writer: PipeWriter;
  readonly #reader: ReaderEnd;
  readonly #writer: WriterEnd;

  /**
   * `RangeError` for thresholds and sizes that are no whole numbers, or for a resume above the pause threshold;
   * `TypeError` for a pool that is none.
   */
  constructor(options: PipeOptions = {}) {
    const settings = resolvePipeOptions(options);
    const blocks = new BlockSource(settings.minimumSegmentSize, settings.pool ?? new RecentBlocks());
    const unread = new UnreadBytes((segment: BufferSegment) => blocks.takeBack(segment));
    this.reader = this.#reader = new ReaderEnd(unread);
    this.writer = this.#writer = new WriterEnd(unread, blocks, this.#reader, settings);
    this.#reader.writer = this.#writer;
  }

  /** Makes the pipe as new. Both ends must be completed: `ERR_PIPE_NOT_COMPLETED`. */
  reset(): void {
    if (!this.#reader.completion.isCompleted || !this.#writer.completion.isCompleted) throw notCompleted();
    this.#reader.reset();
    this.#writer.reset();
  }
}

class ReaderEnd extends BufferedPipeReader {
  writer!: WriterEnd;

  reset(): void {
    this.resetReading();
  }

  protected override whenWaiting(): void {
    this.writer.resume();
  }

  protected override whenAdvanced(): void {
    if (this.unread.length === 0 && !this.writer.isWriting) this.unread.releaseTail();
    if (!this.isHeldBack) this.writer.resumeBelowThreshold();
  }

  protected override whenCompleted(): Promise<void> {
    this.writer.readerCompleted();
    return Promise.resolve();
  }
}

class WriterEnd extends BufferedPipeWriter {
  readonly #reader: ReaderEnd;
  readonly #pauseThreshold: number;
  readonly #resumeThreshold: number;
  #isPaused = false;
  /** Nobody will read what is written from here on: the reader was completed, or the writer abandoned. */
  #isForNobody = false;
  #isAbandoned = false;
  /** The bytes of a write that waits, where they were not copied. */
  #borrowed: BufferSegment | null = null;

  constructor(unread: UnreadBytes, blocks: BlockSource, reader: ReaderEnd, settings: PipeSettings) {
    super(unread, blocks);
    this.#reader = reader;
    this.#pauseThreshold = settings.pauseWriterThreshold;
    this.#resumeThreshold = settings.resumeWriterThreshold;
  }

  override advance(byteCount: number): void {
    super.advance(byteCount);
    if (this.#isForNobody) this.#forget(byteCount);
  }

  override write(data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult> {
    if (!this.#waitsFor(data) || options?.signal !== undefined) return super.write(data, options);
    try {
      this.checkWritable();
    } catch (error) {
      return Promise.reject(error);
    }
    // The write settles only when the reader has examined it: until then its bytes may stay where they are.
    this.handOver(data);
    return this.flush();
  }

  override flush(options?: WaitOptions): Promise<FlushResult> {
    if (this.waiting.isPending) return Promise.reject(flushInProgress());
    const signal = options?.signal;
    const fault = signalFault(signal);
    if (fault !== undefined) return Promise.reject(fault);
    this.handOver();
    const isCanceled = this.takeCancellation();
    if (!isCanceled && this.#isPaused) return this.waiting.start(signal);
    this.#giveBackBorrowed();
    if (this.#hasReaderFailed) return Promise.reject(this.#reader.completion.error);
    if (isCanceled) return Promise.resolve({ isCanceled, isCompleted: this.#isForNobody });
    return Promise.resolve(this.#isForNobody ? forNobody : flushed);
  }

  override peekFlush(): FlushResult | undefined {
    if (this.#hasReaderFailed) throw this.#reader.completion.error;
    if (this.#isForNobody) return forNobody;
    return this.#isPaused ? undefined : flushed;
  }

  override abandon(error: unknown): void {
    if (this.completion.isCompleted || this.#isForNobody) return;
    this.#isAbandoned = true;
    this.#stopForGood();
    this.waiting.resolve(forNobody);
    this.#reader.deliverEnd(error);
    this.whenChanged?.();
  }

  override cancelPendingFlush(): void {
    this.#giveBackBorrowed();
    super.cancelPendingFlush();
  }

  override complete(error?: unknown): Promise<void> {
    if (this.completion.complete(error)) {
      // The reader is woken once, by the end: the last bytes come with it, and with an error nothing but the error.
      this.commit();
      this.#giveBackBorrowed();
      this.waiting.reject(writerCompleted());
      this.#reader.deliverEnd(error);
      this.#releaseWhenBothCompleted();
      this.whenChanged?.();
    }
    return Promise.resolve();
  }

  /** The reader waits for more than is there: nothing holds the writer back. */
  resume(): void {
    this.#isPaused = false;
    this.#giveBackBorrowed();
    this.waiting.resolve(flushed);
    this.whenChanged?.();
  }

  resumeBelowThreshold(): void {
    if (this.#isPaused && this.unread.unexaminedLength < this.#resumeThreshold) this.resume();
  }

  readerCompleted(): void {
    const { completion } = this.#reader;
    this.#stopForGood();
    if (this.#hasReaderFailed) this.waiting.reject(completion.error);
    else this.waiting.resolve(forNobody);
    this.#releaseWhenBothCompleted();
    this.whenChanged?.();
  }

  reset(): void {
    this.#isPaused = false;
    this.#isForNobody = false;
    this.#isAbandoned = false;
    this.resetWriting();
  }

  /** Of an abandoned writer the reader fails because of the other side; its user was told by then. */
  get #hasReaderFailed(): boolean {
    return this.#isForNobody && !this.#isAbandoned && this.#reader.completion.hasError;
  }

  #stopForGood(): void {
    this.#isForNobody = true;
    this.#isPaused = false;
    this.#giveBackBorrowed();
  }

  /**
   * Makes what was advanced, and then `borrowed`, readable, wakes the reader for it, and pauses when too much is not
   * examined. The bytes that a `readAtLeast()` still lacked hold nobody back: their writer was let past for them.
   */
  override handOver(borrowed?: Uint8Array): void {
    const wasLetPast = this.#reader.isWaiting && this.unread.unexaminedLength >= this.#pauseThreshold;
    if (this.commit() + this.#borrow(borrowed) === 0) return;
    this.#reader.wake();
    if (this.#isForNobody && !this.#isAbandoned) this.unread.clear();
    if (this.#isForNobody || this.#pauseThreshold === 0 || this.#reader.isAsking) return;
    if (this.#reader.isHeldBack) this.#isPaused = true;
    else if (!wasLetPast && this.unread.unexaminedLength >= this.#pauseThreshold) this.#isPaused = true;
  }

  #borrow(data: Uint8Array | undefined): number {
    if (data === undefined) return 0;
    this.#borrowed = this.unread.appendBorrowed(Buffer.from(data.buffer, data.byteOffset, data.length));
    this.unread.commit(data.length);
    return data.length;
  }

  /** Whether writing these bytes will wait for the reader. */
  #waitsFor(data: Uint8Array | string): data is Uint8Array {
    if (this.#pauseThreshold === 0 || !isUint8Array(data) || data.length < smallestBorrowed) return false;
    const unexamined = this.unread.unexaminedLength + this.unflushedBytes + data.length;
    return unexamined >= this.#pauseThreshold && !this.#isForNobody;
  }

  /** A write settles: what is still needed of its caller's bytes is copied. */
  #giveBackBorrowed(): void {
    this.#borrowed?.own();
    this.#borrowed = null;
  }

  /** Nobody will read what is written: one block is enough for all of it. */
  #forget(byteCount: number): void {
    // The reader of an abandoned one may still look at what it read before.
    if (this.#isAbandoned) this.unfill(byteCount);
    else this.handOver();
  }

  #releaseWhenBothCompleted(): void {
    const isWritten = this.completion.isCompleted || (this.#isAbandoned && !this.isWriting);
    if (isWritten && this.#reader.completion.isCompleted) this.unread.clear();
  }
}
