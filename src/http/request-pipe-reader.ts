import type { Readable } from 'node:stream';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { resumeThreshold } from '../pipelines/read-ahead';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import type { ViewOptions } from '../pipelines/stream-options';
import { bodyDiscarded, bodyTooLarge } from './errors';
import type { NativeRequest } from './native-request';
import type { RequestLimits } from './request-limits';
import { type PacedBody, RequestPace } from './request-pace';

/** Sockets are read 64 KiB at a time, and the first chunk of a body is shorter by the head: one is enough to pause. */
const pausedFrom = 49_152;

/**
 * The pipe that the HTTP parser's bytes go straight into, by reference.
 *
 * From 48 KiB unexamined bytes on the socket is paused, so that a slow reader holds one chunk of it;
 * {@link NativeRequest.read} lets it go on.
 */
export class RequestPipeReader extends BufferedPipeReader implements PacedBody {
  /** How many bytes of the body have arrived. */
  receivedBytes = 0;
  /** Told when the minimum rate was not kept. */
  whenTooSlow: (() => void) | undefined;
  /** Told that no more bytes come: the body is too large, came too slowly, or was thrown away before the answer. */
  whenRefused: ((error: unknown) => void) | undefined;
  readonly #native: NativeRequest;
  /** The response is finished: what would have to wait is thrown away, and no pause must be left behind. */
  isAnswered = false;
  #isPaused = false;
  #isDiscarded = false;
  #isRefused = false;
  #maxBytes = Number.POSITIVE_INFINITY;
  #pace: RequestPace | undefined;

  constructor(native: NativeRequest) {
    super();
    this.#native = native;
  }

  /** Bounds that hold from now on, for those who read it and for those who read the request itself. */
  limit({ maxRequestBodySize, minRequestBodyDataRate }: RequestLimits): void {
    this.#maxBytes = maxRequestBodySize ?? Number.POSITIVE_INFINITY;
    this.#pace?.stop(0);
    this.#pace = minRequestBodyDataRate && new RequestPace(minRequestBodyDataRate, this);
  }

  /** Whether the body is longer than allowed: what was announced where it was, else what has arrived. */
  get isTooLarge(): boolean {
    return Math.max(this.receivedBytes, this.#native.announcedLength ?? 0) > this.#maxBytes;
  }

  /** Whether it was refused: too large, or too slow. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Bytes have arrived, for whomever. */
  count(byteCount: number): void {
    this.receivedBytes += byteCount;
    this.#pace?.stop(byteCount);
  }

  /** Somebody waits for bytes. */
  demand(): void {
    this.#pace?.start();
    this.#native.demand();
  }

  /** Whether the socket was asked to wait. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Takes a chunk from the parser; false asks it to pause the socket. */
  receive(chunk: Buffer): boolean {
    this.count(chunk.length);
    if (this.isWaiting && this.receivedBytes > this.#maxBytes) this.#failIfTooLarge();
    // What comes after a failure is nobody's, and must not be kept.
    if (this.sourceCompletion.isCompleted) return true;
    const wasAskedFor = this.isAsking;
    this.deliver(chunk);
    if (!this.#isFull) return true;
    if (wasAskedFor && this.#native.canPause) {
      this.#pauseUnlessTaken();
      return true;
    }
    this.#isPaused = true;
    return false;
  }

  /** Whether the client is to wait until somebody has read. */
  get #isFull(): boolean {
    return !this.isAsking && (this.isHeldBack || this.unread.unexaminedLength >= pausedFrom);
  }

  /**
   * Whoever waited for a chunk mostly takes it in this turn of the event loop. A pause costs two calls of the system, and
   * comes early enough behind the promises of this turn: nothing is read before.
   */
  #pauseUnlessTaken(): void {
    queueMicrotask(() => process.nextTick(pauseIfFull, this));
  }

  /** What {@link receive} says by false. */
  pauseIfFull(): void {
    if (!this.#isFull || this.#isPaused || this.isAnswered || this.sourceCompletion.isCompleted) return;
    this.#isPaused = true;
    this.#native.pause();
  }

  /** Those who were slower have room: the socket, too, goes on. */
  override goOn(): void {
    if (!this.isHeldBack) return;
    super.goOn();
    if (this.unread.unexaminedLength < resumeThreshold) this.#resumeIfPaused();
  }

  /** Whether it is the client that somebody waits for: who reads this, or the request itself. */
  get isAwaited(): boolean {
    return this.isAsking || (!this.isHeldBack && this.#native.isFlowing);
  }

  /** Whether somebody listens to the request itself. */
  get isBeingRead(): boolean {
    return this.#native.isBeingRead;
  }

  /** The minimum rate was not kept. */
  refuseSlow(error: unknown): void {
    this.#refuse(error);
    this.whenTooSlow?.();
  }

  /** Nobody waits for what has come to its end, and nobody need wait for those who are slower. */
  override deliverEnd(error?: unknown): void {
    this.goOn();
    this.#pace?.stop(0);
    super.deliverEnd(error);
  }

  /** Throws away what is there and what comes. Whoever reads later is told, and does not take it for the end. */
  discard(): void {
    this.#isDiscarded = true;
    this.unread.clear();
    this.goOn();
    this.#resumeIfPaused();
    this.#pace?.stop(0);
    if (this.isWaiting) this.deliverEnd(bodyDiscarded());
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    this.#checkBeforeRead();
    return super.read(options);
  }

  override readAtLeast(minimumLength: number, options?: WaitOptions): Promise<ReadResult> {
    this.#checkBeforeRead();
    return super.readAtLeast(minimumLength, options);
  }

  override tryRead(): ReadResult | undefined {
    this.#checkBeforeRead();
    return super.tryRead();
  }

  /** Where nobody listens, an error of a stream ends the process, and a client that goes away must not. */
  override asStream(options?: ViewOptions): Readable {
    return super.asStream(options).on('error', () => {});
  }

  protected override whenWaiting(): void {
    this.demand();
    this.#resumeIfPaused();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
    if (this.unread.unexaminedLength < resumeThreshold) this.#resumeIfPaused();
  }

  protected override whenCompleted(): Promise<void> {
    this.unread.clear();
    this.goOn();
    this.#resumeIfPaused();
    return Promise.resolve();
  }

  #checkBeforeRead(): void {
    // Made only when it is asked for: an error costs more than the rest of a small request.
    if (this.#isDiscarded) this.deliverEnd(bodyDiscarded());
    else if (this.#maxBytes !== Number.POSITIVE_INFINITY) this.#failIfTooLarge();
  }

  #failIfTooLarge(): void {
    if (!this.isTooLarge) return;
    const received = Math.max(this.receivedBytes, this.#native.announcedLength ?? 0);
    this.unread.clear();
    this.#refuse(bodyTooLarge(this.#maxBytes, received));
  }

  #refuse(error: unknown): void {
    this.deliverEnd(error);
    if (this.#isRefused) return;
    this.#isRefused = true;
    this.whenRefused?.(error);
  }

  #resumeIfPaused(): void {
    if (!this.#isPaused || this.isHeldBack) return;
    this.#isPaused = false;
    this.#native.read(0);
  }
}

function pauseIfFull(reader: RequestPipeReader): void {
  reader.pauseIfFull();
}
