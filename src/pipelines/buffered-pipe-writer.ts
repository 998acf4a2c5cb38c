import { outOfRange } from '../buffers/errors';
import type { BlockSource } from './block-source';
import { flushInProgress, writerCompleted } from './errors';
import { PendingOperation } from './pending-operation';
import { PipeCompletion } from './pipe-completion';
import { bytesToWrite, PipeWriter } from './pipe-writer';
import type { FlushResult, WaitOptions } from './results';
import type { UnreadBytes } from './unread-bytes';

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
  /** How far `advance()` may go: the size of the memory that was handed out last. */
  #room = 0;

  constructor(unread: UnreadBytes, blocks: BlockSource) {
    super();
    this.unread = unread;
    this.blocks = blocks;
  }

  override get unflushedBytes(): number {
    return this.#unflushedBytes;
  }

  /** Whether memory was handed out or filled that is not flushed: the last block is in use. */
  get isWriting(): boolean {
    return this.#room > 0 || this.#unflushedBytes > 0;
  }

  override getMemory(sizeHint = 0): Buffer {
    this.#checkWritable();
    if (!Number.isSafeInteger(sizeHint) || sizeHint < 0) {
      throw outOfRange('sizeHint', sizeHint, 0, Number.MAX_SAFE_INTEGER);
    }
    const minimum = sizeHint === 0 ? 1 : sizeHint;
    let tail = this.unread.tail;
    if (tail === null || tail.room < minimum) tail = this.#newBlock(minimum);
    this.#room = tail.room;
    return tail.memory.subarray(tail.end);
  }

  override advance(byteCount: number): void {
    if (this.waiting.isPending) throw flushInProgress();
    if (!Number.isInteger(byteCount) || byteCount < 0 || byteCount > this.#room) {
      throw outOfRange('byteCount', byteCount, 0, this.#room);
    }
    const { tail } = this.unread;
    if (tail === null || byteCount === 0) return;
    tail.end += byteCount;
    this.#room -= byteCount;
    this.#unflushedBytes += byteCount;
  }

  override write(
    data: Uint8Array | string,
    options?: WaitOptions & { encoding?: BufferEncoding },
  ): Promise<FlushResult> {
    try {
      this.#checkWritable();
      const bytes = bytesToWrite(data, options);
      if (bytes.length > 0) {
        this.getMemory(bytes.length).set(bytes);
        this.advance(bytes.length);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.flush(options);
  }

  override cancelPendingFlush(): void {
    if (this.waiting.isPending) this.waiting.resolve({ isCanceled: true, isCompleted: false });
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
    this.#room = 0;
    this.unread.commit(byteCount);
    return byteCount;
  }

  protected resetWriting(): void {
    this.completion.reset();
    this.takeCancellation();
    this.#unflushedBytes = 0;
    this.#room = 0;
  }

  #checkWritable(): void {
    if (this.completion.isCompleted) throw writerCompleted();
    if (this.waiting.isPending) throw flushInProgress();
  }

  #newBlock(minimum: number) {
    this.unread.dropEmptyTail();
    return this.unread.appendBlock(this.blocks.rent(minimum), this.blocks.isStable);
  }
}
