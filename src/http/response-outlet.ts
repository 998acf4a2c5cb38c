import type { BodyOutlet, OutletOwner } from './body-outlet';
import type { BodySink } from './body-sink';
import { type HeldPiece, HeldPieces } from './held-pieces';
import { isChunk } from './is-chunk';
import { byteLength, declaredLength } from './native-response';
import { ResponsePipeWriter } from './response-pipe-writer';
import { ResponseStream } from './response-stream';
import { largestPieceForStreams, SmallWrites } from './small-writes';
import type { WriteCallback } from './write-callback';

/**
 * The way of bytes out of a body, in the order of the calls: through the start of the response, the small ones of one
 * tick collected, to node:http or the stream beneath. `res.write`, `bodyWriter` and `body` are three doors to it.
 */
export class ResponseOutlet implements BodyOutlet {
  readonly owner: OutletOwner;
  readonly #small = new SmallWrites();
  #sink: BodySink;
  #writer: ResponsePipeWriter | undefined;
  #stream: ResponseStream | undefined;
  readonly #held = new HeldPieces();
  #isScheduled = false;
  /** The sink said at the last write that it wants no more for now. */
  #isFull = false;
  /** The headers are settled, and no Content-Length is declared: nothing is left to be checked. */
  #isPlain = false;
  isLast = true;
  /** The outlet that this one stands for, as long as nothing was put between them, and the one that stands for it. */
  #standsFor: ResponseOutlet | undefined;
  #standIn: ResponseOutlet | undefined;

  constructor(owner: OutletOwner, sink: BodySink, standsFor?: ResponseOutlet) {
    this.owner = owner;
    this.#sink = sink;
    this.#standsFor = standsFor;
    if (standsFor !== undefined) standsFor.#standIn = this;
  }

  get writer(): ResponsePipeWriter {
    this.#writer ??= new ResponsePipeWriter(this);
    return this.#writer;
  }

  get stream(): ResponseStream {
    this.#stream ??= new ResponseStream(this);
    return this.#stream;
  }

  /** A starting callback put a stream beneath: everything that has not left yet goes through it, and on to `next`. */
  putBeneath(sink: BodySink, next: ResponseOutlet): void {
    this.#sink = sink;
    this.isLast = false;
    this.#small.largestPiece = largestPieceForStreams;
    next.#standsFor = undefined;
    this.#standIn = undefined;
  }

  get isOpen(): boolean {
    return this.#held.end === undefined && (this.#standsFor?.isOpen ?? this.#sink.isOpen);
  }

  get needsDrain(): boolean {
    return this.#isFull || this.owner.head.isAwaited || this.#sink.needsDrain;
  }

  get largestCopied(): number {
    return this.#small.largestPiece;
  }

  /** Bytes that were written and have not left for the sink. */
  get heldLength(): number {
    return this.#small.length + this.#held.byteLength;
  }

  get writableLength(): number {
    return this.#standsFor?.writableLength ?? this.heldLength + this.#sink.writableLength;
  }

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    if (this.#writer !== undefined && this.#writer.unflushedBytes > 0) this.#writer.handOver();
    // What almost every write is, and at hand-written speed.
    if (this.#isPlain && isChunk(chunk) && this.#sink.isOpen && this.#small.put(chunk, encoding)) {
      if (callback !== undefined || !this.#isScheduled) this.#whenCollected(callback);
      return !this.#isFull;
    }
    return this.#writeWithCare(chunk, encoding, callback);
  }

  #writeWithCare(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    if (this.#standsFor !== undefined) return this.#standsFor.write(chunk, encoding, callback);
    if (this.owner.start.hasFailed) return this.#refuse(callback);
    // node:http knows best what is wrong with it.
    if (!isChunk(chunk) || !this.#sink.isOpen) return this.#sink.write(chunk, encoding, callback);
    if (!this.owner.start.begin()) return this.#refuse(callback);
    if (!this.owner.start.isRunning) this.#accept(chunk, encoding);
    this.owner.head.commit();
    this.#isPlain = this.owner.response.headersSent && declaredLength(this.owner.response) === undefined;
    this.#take(chunk, encoding, callback);
    return !this.needsDrain;
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.handOver();
    if (this.#standsFor !== undefined) this.#standsFor.end(chunk, encoding, callback);
    else if (!this.owner.start.begin(byteLength(chunk, encoding))) this.#refuse(callback);
    else if (this.owner.start.isRunning) {
      if (isChunk(chunk)) this.#take(chunk, encoding);
      this.#held.end = { callback };
    } else this.#endStarted(chunk, encoding, callback);
  }

  #endStarted(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    if (isChunk(chunk) && this.#sink.isOpen) this.#accept(chunk, encoding);
    if (this.#small.isIdle) this.#sink.end(chunk, encoding, callback);
    else this.#endCollected(chunk, encoding, callback);
    // Last, so that a stream beneath that was given the whole body can still say how long it is.
    this.owner.head.commit();
  }

  begin(): void {
    if (!this.isOpen || !this.owner.start.begin()) return;
    if (this.#small.length === 0) this.owner.head.flush();
    else this.owner.head.commit();
  }

  handOver(): void {
    if (this.#writer !== undefined && this.#writer.unflushedBytes > 0) this.#writer.handOver();
  }

  /** The start is done: what waited for it leaves. */
  release(): void {
    if (this.#small.length > 0) {
      this.#held.pieces.push({ chunk: this.#small.take(), encoding: undefined, callback: this.#small.takeCallback() });
    }
    try {
      while (this.#held.pieces.length > 0) this.#sendHeld();
      if (this.#held.end !== undefined) this.end(undefined, undefined, this.#held.end.callback);
      this.#held.end = undefined;
    } catch (error) {
      // Nothing was sent yet: the start fails with it, and the answer is a 500.
      if (!this.owner.response.headersSent) throw error;
      this.owner.cut(error);
      this.drop(error);
      return;
    }
    if (!this.#isFull) this.drained();
  }

  /** The start failed: nothing of what waited for it will be sent. */
  drop(error: unknown): void {
    this.#held.fail(error);
    this.#small.takeCallback()?.(error as Error);
    this.#small.take();
    this.#writer?.failed(error);
  }

  /** The sink wants more. */
  drained(): void {
    this.#isFull = false;
    this.#writer?.sinkDrained();
    this.#stream?.outletDrained();
    this.#standIn?.drained();
    this.owner.outletDrained(this);
  }

  #accept(chunk: string | Uint8Array, encoding: BufferEncoding | undefined): void {
    try {
      this.#sink.accept(chunk, encoding);
    } catch (error) {
      // Once the headers are out no other answer is possible.
      if (this.owner.response.headersSent) this.owner.cut(error);
      throw error;
    }
  }

  #refuse(callback?: WriteCallback): false {
    if (callback !== undefined) process.nextTick(callback, this.owner.start.error);
    return false;
  }

  #take(chunk: string | Uint8Array, encoding?: BufferEncoding, callback?: WriteCallback): void {
    if (!this.#small.put(chunk, encoding)) {
      this.#sendCollected();
      if (!this.#small.put(chunk, encoding)) {
        this.#send(chunk, encoding, callback);
        return;
      }
    }
    this.#whenCollected(callback);
  }

  #whenCollected(callback: WriteCallback | undefined): void {
    if (callback !== undefined) this.#small.addCallback(callback);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(tickEnded, this);
  }

  /** What was collected leaves, at the end of a tick or when it is asked for. */
  sendCollected(): void {
    this.#isScheduled = false;
    if (!this.owner.start.isRunning) this.#sendCollected();
  }

  passOn(): void {
    if (this.#small.largestPiece === largestPieceForStreams) this.sendCollected();
  }

  #sendCollected(): void {
    const callback = this.#small.takeCallback();
    if (this.#small.length > 0) this.#send(this.#small.take(), undefined, callback);
    // An empty write has nothing to wait for.
    else if (callback !== undefined) process.nextTick(callback, null);
  }

  #send(chunk: string | Uint8Array, encoding?: BufferEncoding, callback?: WriteCallback): void {
    if (this.owner.start.isRunning) this.#held.pieces.push({ chunk, encoding, callback });
    else this.#isFull = !this.#sink.write(chunk, encoding, callback);
  }

  #endCollected(chunk: unknown, encoding: BufferEncoding | undefined, callback: WriteCallback | undefined): void {
    const isCollected = !isChunk(chunk) || this.#small.put(chunk, encoding);
    const whenWritten = this.#small.takeCallback();
    const last = this.#small.take();
    if (isCollected && whenWritten === undefined) this.#sink.end(last, undefined, callback);
    else {
      this.#sink.write(last, undefined, whenWritten);
      this.#sink.end(isCollected ? undefined : chunk, encoding, callback);
    }
  }

  /** The last of it brings the end along, so that the length of a response of one piece can be told. */
  #sendHeld(): void {
    const { pieces, end } = this.#held;
    const { chunk, encoding, callback } = pieces[0] as HeldPiece;
    this.#sink.accept(chunk, encoding);
    if (pieces.length === 1 && callback === undefined && end !== undefined) {
      this.#sink.end(chunk, encoding, end.callback);
      this.#held.end = undefined;
      pieces.shift();
      this.owner.head.commit();
      return;
    }
    this.owner.head.commit();
    this.#isFull = !this.#sink.write(chunk, encoding, callback);
    pieces.shift();
  }
}

const tickEnded = (outlet: ResponseOutlet): void => outlet.sendCollected();
