import { BufferedPipeReader, type ReadingObserver } from '../pipelines/buffered-pipe-reader';
import type { PipeReader } from '../pipelines/pipe-reader';
import { ReaderPump } from '../streams/reader-pump';
import { bodyDiscarded, requestAborted } from './errors';
import { HeldReader } from './held-reader';
import type { NativeRequest } from './native-request';
import { RequestPipeReader } from './request-pipe-reader';
import type { RouteOwner } from './route-owner';

/**
 * Who gets the parser's bytes.
 *
 * They go into a pipe (`held`). When the request itself is read first they go straight on to its readers (`direct`), as
 * node:http does it. Once somebody asks for `body` or `bodyReader`, everybody reads through the current reader (`shared`):
 * the request's own stream takes from it what its readers ask for, and gets a copy of what others take.
 */
export class RequestRoute implements ReadingObserver {
  readonly received: RequestPipeReader;
  readonly #owner: RouteOwner;
  readonly #native: NativeRequest;
  #pump: ReaderPump | undefined;
  #mode: 'held' | 'direct' | 'shared';
  #current: BufferedPipeReader | undefined;
  readonly #held: HeldReader;
  #isCopied = false;
  #isClaimed = false;
  /** Somebody may be about to read: those who read the request itself come after them. */
  #isYielding = false;
  #isBringing = false;
  #isGivenUp = false;

  constructor(owner: RouteOwner, native: NativeRequest) {
    this.#owner = owner;
    this.#native = native;
    this.received = new RequestPipeReader(native);
    this.#held = new HeldReader(native);
    this.received.whenTooSlow = this.#failDirectReaders;
    this.#mode = native.wasFedBefore ? 'direct' : 'held';
    if (this.#mode === 'held' && (native.isComplete || native.isEmpty)) this.received.deliverEnd();
    if (native.isAborted) this.abort();
  }

  /** Whether everybody reads through the current reader. */
  get isShared(): boolean {
    return this.#mode === 'shared';
  }

  /** The parser's bytes; null is the end. False asks it to pause the socket. */
  receive(chunk: Buffer | null): boolean {
    this.#native.arrived(chunk);
    if (this.#mode === 'direct') return this.#receiveDirectly(chunk);
    if (chunk === null) {
      this.received.deliverEnd();
      this.#owner.routeEnded();
      return false;
    }
    const wantsMore = this.received.receive(chunk);
    if (wantsMore || !this.received.isAnswered || this.received.isWaiting) return wantsMore;
    this.#throwAway();
    return true;
  }

  /** Somebody who reads the request itself asks for bytes. */
  feedRequest(size: number): void {
    this.#held.goOn();
    if (this.#isGivenUp && this.#native.isWanted && !this.#native.isBeingRead) {
      this.#throwAway();
      return;
    }
    // One that is too large is refused as anybody is who reads it.
    if (this.#mode === 'held' && this.received.isTooLarge) this.#mode = 'shared';
    if (this.#mode === 'held') this.#readDirectly();
    if (this.#mode === 'direct' && this.#native.isBeingRead) this.received.demand();
    if (this.#mode !== 'shared') this.#native.read(size);
    else if (!this.#native.isWanted) this.#native.pushNothing();
    else if (this.#native.isBeingRead) {
      this.#native.askAgain();
      this.#bring(this.#owner.readerForRequest());
    } else if (this.#isClaimed || this.#isReadByOthers(this.#current)) this.#native.pushNothing();
    // It flows to nobody: resume() throws a body away, in Node too.
    else this.#throwAway();
  }

  /** A parser reads the current reader to its end: between two reads of it, too, others get a copy and no more. */
  claim(): void {
    this.#isClaimed = this.#current !== undefined;
    this.#isCopied ||= this.#isClaimed;
  }

  /** Somebody gave up on the body: an answer need not wait until the client has sent all of it. */
  giveUp(): void {
    this.#isGivenUp = true;
    if (!this.#isClaimed) return;
    this.#isClaimed = false;
    this.#isCopied = false;
    this.#held.goOn();
    if (this.#native.isWanted) this.#native.readLater();
  }

  /** Lets go of the current reader, so that somebody else can read it. Whether it was waited for. */
  letGo(): boolean {
    return this.#pump?.letGo() === true;
  }

  /** Whether others consume what those who read the request itself get, too. */
  get isCopied(): boolean {
    return this.#isCopied;
  }

  /** Whether somebody goes on reading the request itself after the response, at a pace of their own, as in Node. */
  get isReadOn(): boolean {
    if (this.#mode === 'direct' && this.#native.isComplete) return true;
    return this.#mode !== 'held' && this.#native.isBeingRead && !this.#isCopied && !this.#native.hasEndedAbove;
  }

  /** The response is finished: what nobody reads is thrown away, now or when it would keep the socket paused. */
  discard(): void {
    this.received.isAnswered = true;
    const { isWaiting, isReading, isPaused } = this.received;
    if (!isWaiting && (!isReading || isPaused)) this.#throwAway();
    if (this.#native.isComplete) this.#owner.routeEnded();
  }

  /** The request was destroyed: what is not whole cannot become so any more. The error that says so, in that case. */
  abort(): unknown {
    if (this.#native.isComplete) return undefined;
    const error = requestAborted(this.received.receivedBytes, this.#native.announcedLength);
    this.received.deliverEnd(error);
    return error;
  }

  /** A reader was asked for: it gets what the request's own stream was given and nobody took. */
  share(): void {
    if (this.#mode === 'direct') this.#takeBack();
    this.#mode = 'shared';
    this.giveTurn();
  }

  /** Another body takes the place of the current one. */
  leave(): void {
    this.#isCopied = false;
    this.#isClaimed = false;
    this.#held.goOn();
    if (this.#current !== undefined) this.#current.observer = undefined;
    this.#current = undefined;
  }

  /** A reader is the current one: those who read the request itself get what others consume of it, too. */
  watch(reader: PipeReader): void {
    if (!(reader instanceof BufferedPipeReader)) return;
    this.#current = reader;
    reader.observer = this;
  }

  /** As in Node, where everybody who listens to a request gets all of its bytes. */
  consuming(byteCount: number): void {
    if (this.#pump?.isTaking || !this.#native.isBeingRead) return;
    if (byteCount === 0) {
      // Who only looked has left.
      if (!this.#isCopied) this.#native.readLater();
      return;
    }
    this.#isCopied = true;
    const reader = this.#current as BufferedPipeReader;
    // The slowest sets the pace, as in Node.
    if (!this.#native.push(reader.unread.sequence().slice(0, byteCount).toStableBuffer())) this.#held.hold(reader);
  }

  readMissed(): void {
    this.giveTurn();
  }

  /** Somebody reads the reader that those who read the request itself wait for. */
  readContended(): void {
    this.letGo();
  }

  /** Whoever was given the reader, or tried to read, has a turn of the event loop to begin: loops begin by a promise. */
  giveTurn(): void {
    if (this.#isYielding || this.#isBringing || this.#isCopied || !this.#native.isBeingRead) return;
    this.#isYielding = true;
    setImmediate(() => {
      this.#isYielding = false;
      if (this.#isCopied) return;
      if (this.#native.isWanted) this.#native.readLater();
      // Who paused meanwhile asks again as they go on.
      else this.#native.pushNothing();
    });
  }

  #bring(reader: PipeReader): void {
    this.#pump ??= new ReaderPump(this.#native, true);
    if (this.#isCopied || this.#isYielding || this.#isReadByOthers(reader)) return;
    this.#isBringing = true;
    this.#pump.pump(reader);
    this.#isBringing = false;
  }

  #isReadByOthers(reader: PipeReader | undefined): boolean {
    return reader instanceof BufferedPipeReader && reader.isReading && this.#pump?.isWaiting !== true;
  }

  #receiveDirectly(chunk: Buffer | null): boolean {
    this.received.count(chunk?.length ?? 0);
    if (chunk !== null && this.received.isRefused) return true;
    if (chunk === null || !this.received.isTooLarge) return this.#native.push(chunk);
    this.#failDirectReaders();
    return true;
  }

  /** Those who read the request itself get the error as a read of the reader does. */
  readonly #failDirectReaders = (): void => {
    if (this.#mode !== 'direct') return;
    this.#mode = 'shared';
    this.feedRequest(0);
  };

  #throwAway(): void {
    this.letGo();
    if (this.#mode !== 'direct') {
      this.#mode = 'direct';
      this.received.discard();
      if (!this.received.isAnswered) this.received.whenRefused?.(bodyDiscarded());
      if (this.#native.isComplete) this.#native.push(null);
    }
    this.#native.dump();
    if (!this.received.isAnswered && (this.#isGivenUp || this.received.isRefused)) this.#native.endEarly();
  }

  /** What was held goes to those who read the request itself, and what follows too. */
  #readDirectly(): void {
    this.#mode = 'direct';
    const { unread, sourceCompletion } = this.received;
    for (const chunk of [...unread.sequence().chunks()]) this.#native.push(chunk);
    if (sourceCompletion.isCompleted) this.#native.push(null);
    unread.clear();
  }

  #takeBack(): void {
    const rest = this.#native.takeBack();
    if (rest !== null) this.received.deliver(rest);
    if (this.#native.isComplete) this.received.deliverEnd();
    // It may have stopped for bytes that lie elsewhere now.
    else this.#native.read(0);
    if (this.#native.isWanted) this.#native.readLater();
  }
}
