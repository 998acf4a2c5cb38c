import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import type { ReadResult, WaitOptions } from '../pipelines/results';
import { bodyDiscarded } from './errors';
import type { NativeRequest } from './native-request';

/** More bytes than these received and not examined pause the socket: one whole chunk of it is not too much. */
const pauseThreshold = 65_536;
/** It goes on below this. */
const resumeThreshold = 32_768;

/**
 * The pipe that the HTTP parser's bytes go straight into, by reference.
 *
 * From 64 KiB unexamined bytes on the socket is paused; {@link NativeRequest.resumeSocket} lets it go on.
 */
export class RequestPipeReader extends BufferedPipeReader {
  /** How many bytes of the body have arrived. */
  receivedBytes = 0;
  readonly #native: NativeRequest;
  #isPaused = false;
  #isDiscarded = false;

  constructor(native: NativeRequest) {
    super();
    this.#native = native;
  }

  /** Whether the socket was asked to wait. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Takes a chunk from the parser; false asks it to pause the socket. */
  receive(chunk: Buffer): boolean {
    this.receivedBytes += chunk.length;
    this.deliver(chunk);
    if (this.unread.unexaminedLength <= pauseThreshold || this.isWaiting) return true;
    this.#isPaused = true;
    return false;
  }

  /** Throws away what is there and what comes. Whoever reads later is told, and does not take it for the end. */
  discard(): void {
    this.#isDiscarded = true;
    this.unread.clear();
    this.#resumeIfPaused();
    if (this.isWaiting) this.#failIfDiscarded();
  }

  override read(options?: WaitOptions): Promise<ReadResult> {
    this.#failIfDiscarded();
    return super.read(options);
  }

  override tryRead(): ReadResult | undefined {
    this.#failIfDiscarded();
    return super.tryRead();
  }

  protected override whenWaiting(): void {
    this.#resumeIfPaused();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
    if (this.unread.unexaminedLength < resumeThreshold) this.#resumeIfPaused();
  }

  protected override whenCompleted(): Promise<void> {
    this.unread.clear();
    this.#resumeIfPaused();
    return Promise.resolve();
  }

  /** Made only when it is asked for: an error costs more than the rest of a small request. */
  #failIfDiscarded(): void {
    if (this.#isDiscarded) this.deliverEnd(bodyDiscarded());
  }

  #resumeIfPaused(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#native.resumeSocket();
  }
}
