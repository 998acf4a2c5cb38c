import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { stopFlowing } from '../streams/stop-flowing';
import { renew, takeBack } from '../streams/take-back';
import { announcesBody, sendsBody, sentLength } from './announced-body';
import { continueIfAwaited } from './expect-continue';
import { pipesOf } from './move-readers';
import { MovedReaders } from './moved-readers';
import type { NativeRequestMethods, NodeState } from './native-request-methods';
import { boundDrain } from './request-drain';

/**
 * A request as node:http feeds it. The only code that leans on how that is done.
 *
 * The parser calls `push(chunk)` and stops reading the socket when that gives false, calls `push(null)` at the end with
 * `complete` already true, and reads on when `_read()` is called.
 */
export class NativeRequest {
  readonly #request: IncomingMessage;
  readonly #methods: NativeRequestMethods;
  /** node:http's HTTP/1 parser feeds it, and not HTTP/2 or a platform of its own. */
  readonly #isNodes: boolean;
  /** Platforms hand over plain objects, too, with a body that was read. */
  readonly #isStream: boolean;
  #hasEnded = false;
  #hasEndedEarly = false;
  /** node:http was asked for bytes once, and does not think any more that it is being asked. */
  #hasAsked = false;
  /** HTTP/2 is asked for bytes once, until they come. */
  #isAsked = false;
  #moved: MovedReaders | undefined;

  constructor(request: IncomingMessage, methods: NativeRequestMethods) {
    this.#request = request;
    this.#methods = methods;
    this.#isNodes = request instanceof IncomingMessage;
    this.#isStream = request instanceof Readable;
  }

  /** Whether there is a body, also where middleware has changed `headers`. */
  get hasBody(): boolean {
    return announcesBody(this.#request) || sendsBody(this.#request);
  }

  /** Whether there is no body for certain, before the parser says so: platforms may bring one that was not announced. */
  get isEmpty(): boolean {
    const { parser } = (this.#request.socket ?? {}) as { parser?: { incoming?: unknown } | null };
    return this.#isNodes && parser?.incoming === this.#request && !this.hasBody;
  }

  /** The length in bytes that the client announced, where it did. */
  get announcedLength(): number | undefined {
    return sentLength(this.#request);
  }

  /** Whether the whole body has arrived. */
  get isComplete(): boolean {
    return this.#isNodes && !this.#hasEndedEarly ? this.#request.complete : this.#hasEnded;
  }

  /** Bytes or, with null, the end have arrived. */
  arrived(chunk: Buffer | null): void {
    this.#isAsked = false;
    if (chunk === null) this.#hasEnded = true;
  }

  /** Whether bytes went to the request's own stream before there was a {@link RequestBody}. */
  get wasFedBefore(): boolean {
    return this.#request.readableLength > 0 || this.#state._consuming === true;
  }

  /** Whether the client went away before the whole body had arrived. */
  get isAborted(): boolean {
    return this.#request.destroyed && !this.isComplete && !this.hasEndedAbove;
  }

  get destroyed(): boolean {
    return this.#request.destroyed;
  }

  /** Whether something reads the request itself: a pipe or a listener for its bytes. */
  get isBeingRead(): boolean {
    const request = this.#request;
    return this.#isStream && (request.listenerCount('data') > 0 || request.listenerCount('readable') > 0);
  }

  /** Whether whoever reads the request itself wants bytes now, or as soon as what it is piped into has room. */
  get isWanted(): boolean {
    return this.isFlowing || (this.#isStream && pipesOf(this.#request).length > 0);
  }

  /** Whether whoever reads the request itself wants bytes now. */
  get isFlowing(): boolean {
    if (!this.#isStream || this.#request.listenerCount('readable') > 0) return this.#isStream;
    return this.#request.readableFlowing === true && this.#moved?.arePausing !== true;
  }

  /** Hands bytes, or with null the end, to those who read the request itself. */
  push(chunk: Buffer | null): boolean {
    return this.#isStream && this.#methods.push.call(this.#request, chunk);
  }

  /**
   * Makes Node ask for more once what it holds was taken: an IncomingMessage is made as if it were asking already, and
   * only its own `_read()` says otherwise.
   */
  askAgain(): void {
    if (this.#isNodes) this.#state._readableState.readingMore = false;
  }

  /**
   * What was asked for does not come; Node asks again when somebody wants some. Not by a push of no bytes: Node would ask
   * again at once, and node:http's `_read()` takes the guard away by which that comes to an end.
   */
  pushNothing(): void {
    if (this.#isStream) this.#state._readableState.reading = false;
  }

  /** Whether {@link pause} can stop what feeds it. */
  get canPause(): boolean {
    return this.#isNodes && typeof this.#request.socket?.pause === 'function';
  }

  /** Makes node:http stop reading the socket, as false from `push()` does. */
  pause(): void {
    this.#request.socket.pause();
  }

  /** Makes node:http read the socket on, and still throw away after the response what nobody read. */
  read(size: number): void {
    if (this.#isNodes) {
      // Who reads for the first time is told to ask again, each time; node:http asks itself about the response.
      this.#state._consuming = this.#hasAsked;
      this.#hasAsked = true;
      this.#methods._read.call(this.#request, size);
      this.#state._consuming = false;
    } else if (!this.#isAsked && this.#isStream && !this.#request.complete) {
      this.#isAsked = true;
      this.#methods._read.call(this.#request, size);
    }
  }

  /** Asks for bytes again, for those who read the request itself. */
  readLater(): void {
    this.pushNothing();
    process.nextTick(() => this.#request.read(0));
  }

  /** Somebody waits for bytes. A client that asked whether to send them is told to; others than node:http are asked. */
  demand(): void {
    continueIfAwaited(this.#request);
    if (!this.#isNodes) this.read(0);
  }

  /** Takes back the bytes that the request's stream holds and nobody took. */
  takeBack(): Buffer | null {
    return takeBack(this.#request);
  }

  /** Makes the request's stream as new, for another body, also after it came to its end. */
  revive(): void {
    if (!this.#isStream || this.isAborted || this.#request.errored) return;
    renew(this.#request);
    // Who reads the other body need not know that somebody paused this one.
    this.stopFlowing();
  }

  /** It flows when the next one listens, and not before. */
  stopFlowing(): void {
    if (this.#isStream) stopFlowing(this.#request);
  }

  /** Ends the request's stream, so that `req.readable` is false and nobody waits for bytes. */
  end(): void {
    const request = this.#request;
    if (!this.#isStream || request.readableEnded || request.destroyed) return;
    this.push(null);
    request.read(0);
    // Where nothing is left that node:http would have to throw away after the response.
    this.#state._consuming = this.isComplete;
  }

  /** Whether it may end with a body that was swapped in, while the client's own is still on its way. */
  get mayEndAbove(): boolean {
    return this.#isNodes || this.isComplete;
  }

  /** Whether its stream gave the end of a body that was swapped in, while the client's own is still on its way. */
  get hasEndedAbove(): boolean {
    return this.#isNodes && this.#request.readableEnded && !this.isComplete;
  }

  /** Its stream, destroyed after the end of a body that was swapped in, is made anew: node:http has the rest to bring. */
  bringRest(): void {
    // Who read the body that was swapped in must not get what is thrown away.
    for (const event of ['data', 'readable', 'end', 'close']) this.#request.removeAllListeners(event);
    renew(this.#request);
  }

  /** Makes node:http throw away what arrives from now on. */
  dump(): void {
    if (this.#isNodes) this.#methods._dump.call(this.#request);
    else this.#request.resume();
  }

  /**
   * Says that the request has ended, though the rest of it is still thrown away, within the bounds of a drain: the error
   * handlers of Express answer when it has, and a client that waits for the answer would wait for ever.
   *
   * The stream itself goes on: node:http would lose the rest of one that ended, and destroy its socket.
   */
  endEarly(): void {
    if (this.#hasEndedEarly || this.#hasEnded) return;
    this.#hasEndedEarly = true;
    boundDrain(this.#request, () => this.#hasEnded);
    this.read(0);
    this.#request.complete = true;
    process.nextTick(() => this.#request.emit('end'));
  }

  /** Whether it said that it has ended before it had. */
  get hasEndedEarly(): boolean {
    return this.#hasEndedEarly;
  }

  /** Tells those who read the request itself what went wrong. The connection stays: an answer has to go out. */
  fail(error: unknown): void {
    const request = this.#request;
    // As for a stream that was destroyed: who was told of the error hears of no end. Who comes later does.
    for (const event of ['data', 'readable', 'end']) request.removeAllListeners(event);
    if (request.listenerCount('error') > 0) request.emit('error', error);
    // Nobody would ever learn of it, and wait for ever: then at least the client must.
    else if (!request.destroyed) request.destroy();
    this.pushNothing();
  }

  /** Moves everybody who reads the request itself to another stream, which gives them the same bytes. */
  moveReadersTo(stream: Readable): void {
    this.#moved ??= new MovedReaders(this.#request);
    this.#moved.moveTo(stream);
  }

  get #state(): NodeState {
    return this.#request as unknown as NodeState;
  }
}
