import type { BufferSegment } from '../buffers/buffer-segment';
import { outOfRange } from '../buffers/errors';
import type { BlockSource } from './block-source';
import { checkSize } from './check-size';
import { flushInProgress, writerCompleted } from './errors';
import { PendingOperation } from './pending-operation';
import { PipeCompletion } from './pipe-completion';
import { bytesToWrite, PipeWriter } from './pipe-writer';
import type { FlushResult, WriteOptions } from './results';
import type { UnreadBytes } from './unread-bytes';

/** RFC 3629: UTF-8 takes at most 3 bytes for a UTF-16 unit, and 4 for two. */
const maxBytesOfUnit = 3;

/**
 * A writer into blocks of its own. The state of writing lives here once: the block, what is advanced and not flushed,
 * the one waiting flush, the sticky cancellation. A subclass says where flushed bytes go.
 */
export abstract class BufferedPipeWriter extends PipeWriter {
  readonly unread: UnreadBytes;
  readonly completion = new PipeCompletion();
  protected readonly waiting = new PendingOperation<FlushResult>();
  protected readonly blocks: BlockSource;
  #isCancelRequested = false;
  #unflushedBytes = 0;
  /** The block being written into, from the first getMemory() to the flush; how far it is filled, and what is left. */
  #block: BufferSegment | null = null;
  #filled = 0;
  #room = 0;

  constructor(unread: UnreadBytes, blocks: BlockSource) {
    super();
    this.unread = unread;
    this.blocks = blocks;
  }

  override get unflushedBytes(): number {
    return this.#unflushedBytes;
  }

  /** Whether a flush waits. */
  get isWaiting(): boolean {
    return this.waiting.isPending;
  }

  /** Whether memory was handed out or filled that is not flushed: the last block is in use. */
  get isWriting(): boolean {
    return this.#block !== null;
  }

  override getMemory(sizeHint = 0): Buffer {
    const block = this.#reserve(sizeHint);
    return block.memory.subarray(this.#filled);
  }

  override advance(byteCount: number): void {
    if (this.waiting.isPending) throw flushInProgress();
    if (!Number.isInteger(byteCount) || byteCount < 0 || byteCount > this.#room) {
      throw outOfRange('byteCount', byteCount, 0, this.#room);
    }
    this.#fill(byteCount);
  }

  override write(data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult> {
    try {
      this.checkWritable();
      this.put(bytesToWrite(data, options));
    } catch (error) {
      return Promise.reject(error);
    }
    return this.flush(options);
  }

  /** Copies bytes behind what was advanced. */
  protected put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#reserve(bytes.length).memory.set(bytes, this.#filled);
    this.advance(bytes.length);
  }

  /** Writes text as UTF-8 behind what was advanced, without a view of the memory, and gives its number of bytes. */
  putText(text: string): number {
    let block = this.#reserve(0);
    // Only what may not fit is counted first, and only what does not fit leaves room behind.
    if (text.length * maxBytesOfUnit > this.#room) block = this.#reserve(Buffer.byteLength(text));
    const byteCount = block.memory.write(text, this.#filled, this.#room);
    this.advance(byteCount);
    return byteCount;
  }

  /** Whether a flush waits. */
  get isFlushing(): boolean {
    return this.waiting.isPending;
  }

  /** Hands on what was advanced, without waiting. */
  abstract handOver(): void;

  /** What a flush would come to; undefined where it would wait. Throws what it would reject with. */
  abstract peekFlush(): FlushResult | undefined;

  /**
   * The reader gets the error, and nothing else any more. Whoever goes on writing hears of it by `isCompleted`, and may
   * still use the memory that he was handed: a client that went away is no mistake of his.
   */
  abstract abandon(error: unknown): void;

  /**
   * Copies bytes behind everything that was written and hands them on, also while a flush waits: for a stream that shares
   * the writer with its user, and that waits beside him.
   */
  append(bytes: Uint8Array): void {
    if (this.completion.isCompleted) throw writerCompleted();
    if (bytes.length === 0) return;
    this.#startBlock(bytes.length).memory.set(bytes, this.#filled);
    this.#fill(bytes.length);
    this.handOver();
  }

  /** Called when a flush that waited would go on, and when the writer is completed: set by a stream that shares it. */
  whenChanged: (() => void) | undefined;

  /** Takes a cancellation while no flush waits: set by a copy, which may wait for its source then. */
  whenCancelled: (() => void) | undefined;

  override cancelPendingFlush(): void {
    if (this.waiting.isPending) this.waiting.resolve(canceled);
    else if (this.whenCancelled !== undefined) this.whenCancelled();
    else this.#isCancelRequested = true;
  }

  /** Whether a cancellation was asked for; asking takes it. */
  protected takeCancellation(): boolean {
    const isCanceled = this.#isCancelRequested;
    this.#isCancelRequested = false;
    return isCanceled;
  }

  /** Makes what was advanced readable and gives its number of bytes. */
  protected commit(): number {
    const byteCount = this.#unflushedBytes;
    this.#unflushedBytes = 0;
    this.leaveBlock();
    this.unread.commit(byteCount);
    return byteCount;
  }

  /** Writes down in the chain how far the block is filled; the memory that was handed out is no longer valid. */
  protected leaveBlock(): void {
    if (this.#block === null) return;
    this.#block.end = this.#filled;
    this.#block = null;
    this.#room = 0;
  }

  protected checkWritable(): void {
    if (this.completion.isCompleted) throw writerCompleted();
    if (this.waiting.isPending) throw flushInProgress();
  }

  protected resetWriting(): void {
    this.completion.reset();
    this.whenChanged = undefined;
    this.takeCancellation();
    this.leaveBlock();
    this.#unflushedBytes = 0;
  }

  /** The block with room for at least `sizeHint` bytes. */
  #reserve(sizeHint: number): BufferSegment {
    // While a block is in use the writer is neither completed nor flushing.
    if (this.#block !== null && this.#room >= sizeHint && this.#room > 0 && sizeHint >>> 0 === sizeHint) {
      return this.#block;
    }
    this.checkWritable();
    checkSize('sizeHint', sizeHint, 0);
    return this.#startBlock(sizeHint === 0 ? 1 : sizeHint);
  }

  #startBlock(minimum: number): BufferSegment {
    this.leaveBlock();
    let { tail } = this.unread;
    if (tail === null || tail.room < minimum) {
      this.unread.dropEmptyTail();
      tail = this.unread.appendBlock(this.blocks.rent(minimum), this.blocks.ownership);
    }
    this.#block = tail;
    this.#filled = tail.end;
    this.#room = tail.room;
    return tail;
  }

  /** Takes back what was advanced last: its memory is handed out again. */
  protected unfill(byteCount: number): void {
    this.#fill(-byteCount);
  }

  #fill(byteCount: number): void {
    this.#filled += byteCount;
    this.#room -= byteCount;
    this.#unflushedBytes += byteCount;
  }
}

/** Results are the same for everybody, and made once. */
export const flushed: FlushResult = Object.freeze({ isCanceled: false, isCompleted: false });
const canceled: FlushResult = Object.freeze({ isCanceled: true, isCompleted: false });
export const forNobody: FlushResult = Object.freeze({ isCanceled: false, isCompleted: true });

/** Cancels the flush that waits. One that was settled in this very tick is left: the next one would be cancelled. */
export function cancelWaitingFlush(writer: PipeWriter): void {
  if (!(writer instanceof BufferedPipeWriter) || writer.isWaiting) writer.cancelPendingFlush();
}
