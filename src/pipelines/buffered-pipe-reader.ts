import { ReadOnlySequence } from '../buffers/read-only-sequence';
import type { SequencePosition } from '../buffers/sequence-position';
import { checkSignal } from './abort-error';
import { checkSize } from './check-size';
import { noReadInProgress, readerCompleted, readInProgress } from './errors';
import { PendingOperation } from './pending-operation';
import { PipeCompletion } from './pipe-completion';
import { PipeReader } from './pipe-reader';
import type { ReadResult, WaitOptions } from './results';
import { UnreadBytes } from './unread-bytes';

/** What somebody who shares a reader is told of the others. */
export interface ReadingObserver {
  /** That the first bytes of {@link BufferedPipeReader.unread} are about to be consumed. */
  consuming(byteCount: number): void;
  /** A read is wanted while one is in progress: may {@link BufferedPipeReader.interrupt} one that waits for nobody else. */
  readContended(): void;
  /** `tryRead()` found nothing. */
  readMissed(): void;
}

/**
 * A reader that somebody hands the bytes to: a pipe's writer, a stream, the HTTP parser.
 *
 * The state of reading lives here once: what is unread, who waits, whether an answer is owed. A source calls
 * {@link deliver} and {@link deliverEnd}; it is told by {@link whenWaiting} and {@link whenAdvanced} that there is
 * room, and by {@link whenCompleted} that nobody reads any more.
 */
export abstract class BufferedPipeReader extends PipeReader {
  readonly unread: UnreadBytes;
  /** Whether, and how, the source came to its end. */
  readonly sourceCompletion = new PipeCompletion();
  /** Whether, and how, the reading side was completed. */
  readonly completion = new PipeCompletion();
  readonly #waiting = new PendingOperation<ReadResult>();
  /** What `complete()` waits for. */
  #closed: Promise<void> | undefined;
  #minimumLength = 0;
  #isCancelRequested = false;
  #isHeldBack = false;
  /** An answer is owed after a read (`active`), and may be left out after a cancelled one (`tentative`). */
  #reading: 'idle' | 'active' | 'tentative' = 'idle';

  constructor(unread = new UnreadBytes()) {
    super();
    this.unread = unread;
  }

  /** Told once nothing is left to read: all was consumed up to the end, or the reader was completed. */
  whenDrained: (() => void) | undefined;
  /** Told what those who read do. */
  observer: ReadingObserver | undefined;
  /** Takes a cancellation while no read waits: set by a copy, whose destination may be stuck then. */
  whenCancelled: (() => void) | undefined;

  /** A read waits: more bytes are wanted, whatever is there already. */
  protected abstract whenWaiting(): void;

  /** `advanceTo()` was called: bytes may hold the source back no longer. */
  protected abstract whenAdvanced(): void;

  /** The reader was completed, with an error or without. Settles when the source is closed. */
  protected abstract whenCompleted(error: unknown): Promise<void>;

  /** Whether a read waits for more than is there. */
  get isWaiting(): boolean {
    return this.#waiting.isPending;
  }

  /** Whether a read waits for what the source may bring. */
  get isAsking(): boolean {
    return this.#waiting.isPending && !this.#isHeldBack;
  }

  /** Whether the source is to bring no more for now. */
  get isHeldBack(): boolean {
    return this.#isHeldBack && !this.sourceCompletion.isCompleted && !this.completion.isCompleted;
  }

  /** Whether a read waits, or its result was not answered yet. */
  get isReading(): boolean {
    return this.#waiting.isPending || this.#reading === 'active';
  }

  /** Whether the end was reached and everything before it was consumed, or the reader was completed. */
  get isDrained(): boolean {
    return this.completion.isCompleted || (this.sourceCompletion.isCompleted && this.unread.length === 0);
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    return this.#read(0, options?.signal);
  }

  override readAtLeast(minimumLength: number, options?: WaitOptions): Promise<ReadResult> {
    try {
      checkSize('minimumLength', minimumLength, 0);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#read(minimumLength, options?.signal);
  }

  override tryRead(): ReadResult | undefined {
    this.#checkReadable();
    if (this.#isReady(0)) return this.#takeResult();
    this.observer?.readMissed();
    return undefined;
  }

  override advanceTo(consumed: SequencePosition, examined: SequencePosition = consumed): void {
    if (this.completion.isCompleted) throw readerCompleted();
    if (this.#reading === 'idle') throw noReadInProgress();
    this.observer?.consuming(this.unread.lengthUntil(consumed));
    this.unread.advance(consumed, examined);
    this.#reading = 'idle';
    this.whenAdvanced();
    if (this.isDrained) this.whenDrained?.();
  }

  override cancelPendingRead(): void {
    if (!this.isWaiting && this.whenCancelled !== undefined) {
      this.whenCancelled();
      return;
    }
    this.#isCancelRequested = true;
    this.wake();
  }

  override complete(error?: unknown): Promise<void> {
    if (!this.completion.complete(error)) return this.#closed as Promise<void>;
    this.#reading = 'idle';
    this.#waiting.reject(readerCompleted());
    this.#closed = this.whenCompleted(error);
    // Whoever does not await must not be killed by it; whoever does, gets the error.
    this.#closed.catch(() => {});
    this.whenDrained?.();
    return this.#closed;
  }

  /** The source hands over a chunk, by reference. Empty ones are dropped. */
  deliver(chunk: Buffer): void {
    if (chunk.length === 0 || this.completion.isCompleted) return;
    this.unread.append(chunk);
    this.wake();
  }

  /** Somebody who gets copies of what is read is slower: the source is asked for no more until {@link goOn}. */
  holdBack(): void {
    this.#isHeldBack = true;
  }

  /** Those who were slower have room, or went away. */
  goOn(): void {
    if (!this.#isHeldBack) return;
    this.#isHeldBack = false;
    if (this.isWaiting) this.whenWaiting();
    else if (this.#reading === 'idle') this.whenAdvanced();
  }

  /** Takes the reader from whoever waits or owes an answer: their result is void, and no byte was read by it. */
  interrupt(): void {
    this.#reading = 'idle';
    this.#waiting.resolve({ buffer: ReadOnlySequence.empty, isCompleted: false, isCanceled: true });
  }

  /** Bytes that were consumed last go back: they are read next. Not while an answer is owed. */
  putBack(chunk: Buffer): void {
    this.unread.putBack(chunk);
    this.wake();
  }

  /** The source came to its end; with an error, every later read fails with it. */
  deliverEnd(error?: unknown): void {
    if (this.sourceCompletion.complete(error)) this.wake();
  }

  /** Settles the waiting read when what it waits for is there. */
  wake(): void {
    if (!this.#waiting.isPending || !this.#isReady(this.#minimumLength)) return;
    if (this.sourceCompletion.hasError) this.#waiting.reject(this.sourceCompletion.error);
    else this.#waiting.resolve(this.#takeResult());
  }

  /** Makes a completed reader new, for `Pipe.reset()`. */
  protected resetReading(): void {
    this.completion.reset();
    this.sourceCompletion.reset();
    this.#isCancelRequested = false;
    this.#isHeldBack = false;
    this.#reading = 'idle';
  }

  #read(minimumLength: number, signal: AbortSignal | undefined): Promise<ReadResult> {
    try {
      this.#checkReadable();
      checkSignal(signal);
      if (this.#isReady(minimumLength)) return Promise.resolve(this.#takeResult());
    } catch (error) {
      return Promise.reject(error);
    }
    this.#minimumLength = minimumLength;
    // The answer to a cancelled read was left out: one that comes late must not move what this read waits for.
    this.#reading = 'idle';
    const result = this.#waiting.start(signal);
    if (!this.#isHeldBack) this.whenWaiting();
    return result;
  }

  #checkReadable(): void {
    if (this.completion.isCompleted) throw readerCompleted();
    if (this.isReading) this.observer?.readContended();
    if (this.isReading) throw readInProgress();
  }

  #isReady(minimumLength: number): boolean {
    if (this.#isCancelRequested || this.sourceCompletion.isCompleted) return true;
    return this.unread.unexaminedLength > 0 && this.unread.length >= minimumLength;
  }

  #takeResult(): ReadResult {
    this.sourceCompletion.throwIfFailed();
    const isCanceled = this.#isCancelRequested;
    this.#isCancelRequested = false;
    this.#reading = isCanceled ? 'tentative' : 'active';
    return { buffer: this.unread.sequence(), isCompleted: this.sourceCompletion.isCompleted, isCanceled };
  }
}

/** Cancels the read that waits. One that was settled in this very tick is left: the next one would be cancelled. */
export function cancelWaitingRead(reader: PipeReader): void {
  if (!(reader instanceof BufferedPipeReader) || reader.isWaiting) reader.cancelPendingRead();
}
