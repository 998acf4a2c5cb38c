import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { PipeWriter } from '../pipelines/pipe-writer';
import { isWebWritable, isWritable } from '../streams/writer-from';
import { AssignedOutlet } from './assigned-outlet';
import type { BodyOutlet, OutletOwner } from './body-outlet';
import { isTooManyBytes, notAWriter } from './errors';
import { isChunk } from './is-chunk';
import type { NativeResponse } from './native-response';
import { refuseWrite } from './refuse-write';
import { reportFailure } from './report-failure';
import { ResponseHead } from './response-head';
import { ResponseOutlet } from './response-outlet';
import { ResponseStart, type StartListener } from './response-start';
import { ResponseStream } from './response-stream';
import { StreamSink } from './stream-sink';
import { SwappedBodies } from './swapped-bodies';
import type { WriteCallback } from './write-callback';

/**
 * The body of one response: its start, the current stream and writer, and everything that was swapped in.
 *
 * `res.write` and `res.end` come here. They write to the stream that was swapped in last, else to the first outlet,
 * beneath which starting callbacks may have put streams of their own.
 */
export class ResponseBody implements OutletOwner, StartListener {
  readonly native: NativeResponse;
  readonly response: ServerResponse;
  readonly start: ResponseStart;
  readonly head: ResponseHead;
  readonly swapped: SwappedBodies;
  /** What the handler writes to where no stream was swapped in. */
  readonly #first: ResponseOutlet;
  /** From the first to the one in front of node:http. */
  readonly #outlets: ResponseOutlet[];
  /** What a starting callback finds as the current body. */
  #offered: ResponseOutlet | undefined;
  /** What lies above this body, where others' methods do: it hears of 'drain' in place of users. */
  above: { nativeDrained(): void } | undefined;
  #value: { readonly value: unknown } | undefined;
  #isEnded = false;

  /** `beneath` is a body that others' methods lie between: they share one start, and one head. */
  constructor(native: NativeResponse, beneath?: ResponseBody) {
    this.native = native;
    this.response = native.response;
    this.start = beneath?.start ?? new ResponseStart(this);
    this.head = beneath?.head ?? new ResponseHead(native, this.start);
    beneath?.start.listen(this);
    this.swapped = new SwappedBodies(native.response, this.head);
    this.#first = new ResponseOutlet(this, native);
    this.#outlets = [this.#first];
  }

  /** `res.body`: the current stream, or what was assigned that is no stream. */
  get value(): unknown {
    return this.#value === undefined || this.start.isInCallback ? this.stream : this.#value.value;
  }

  /** `res.body = value`: a stream swaps the body, everything else is kept and changes nothing that is sent. */
  set value(value: unknown) {
    if (value === this.response) return;
    if (!isWritable(value) && !isWebWritable(value)) {
      this.#value = { value };
      return;
    }
    // What a starting callback swaps in lies beneath what everybody else finds here.
    if (!this.start.isInCallback) this.#value = undefined;
    if (isWebWritable(value)) this.#swap(PipeWriter.from(value).asStream());
    else if (!this.#isCurrent(value)) this.#swap(value);
  }

  get stream(): Writable {
    if (this.swapped.top === undefined || this.start.isInCallback) return this.#outlet.stream;
    this.#handOver(); // The stream knows nothing of what `bodyWriter` still holds.
    return this.swapped.top;
  }

  /** The current body as a pipe; the same object until the body is swapped. */
  get writer(): PipeWriter {
    return (this.start.isInCallback ? undefined : this.swapped.writer) ?? this.#outlet.writer;
  }

  /** It stays its user's own: what comes by the response's methods and streams goes into it, behind what he wrote. */
  set writer(writer: PipeWriter) {
    if (typeof (writer as Partial<PipeWriter> | null | undefined)?.getMemory !== 'function') throw notAWriter();
    if (writer !== this.writer) this.#swap(AssignedOutlet.streamInto(writer, this), writer);
  }

  /** What the current body is where no stream was swapped in; to a starting callback, what lies beneath everything. */
  get #outlet(): ResponseOutlet {
    if (!this.start.isInCallback) return this.#first;
    this.#offered ??= new ResponseOutlet(this, this.native, this.#outlets.at(-1));
    return this.#offered;
  }

  /** Whether it was ended, by whichever of its three doors, also where its bytes are still under way. */
  get isEnded(): boolean {
    return this.#isEnded || (this.swapped.top?.writableEnded ?? !(this.#first.isOpen || this.response.destroyed));
  }

  /** `res.write()` */
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    if (this.#offered !== undefined || this.swapped.top !== undefined) this.#handOver();
    if (this.isEnded || this.start.hasFailed) return refuseWrite(this.response, this.start, callback);
    // node:http knows best what is wrong with it, and says so before anything is sent.
    if (!isChunk(chunk)) return this.native.write(chunk, encoding, callback);
    const { top } = this.swapped;
    if (top !== undefined) {
      this.head.begin();
      return top.write(chunk, encoding as BufferEncoding, callback);
    }
    try {
      return this.#first.write(chunk, encoding, callback);
    } catch (error) {
      return this.#writeFailed(error, callback);
    }
  }

  /** `res.end()`, with its arguments in any of their shapes. */
  endBy(chunk?: unknown, encoding?: BufferEncoding | WriteCallback, callback?: WriteCallback): void {
    if (typeof chunk === 'function') this.end(undefined, undefined, chunk as WriteCallback);
    else if (typeof encoding === 'function') this.end(chunk, undefined, encoding);
    else this.end(chunk, encoding, callback);
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.#handOver();
    if (this.isEnded || this.start.hasFailed) {
      if (chunk !== undefined && chunk !== null) refuseWrite(this.response, this.start, callback);
      else if (callback !== undefined) this.native.whenEnded(callback);
      return;
    }
    if (chunk && !isChunk(chunk)) this.native.write(chunk, encoding, callback);
    const { top } = this.swapped;
    if (top !== undefined) {
      this.head.begin();
      this.#isEnded = true;
      this.native.uncork();
      if (callback !== undefined) this.response.once('finish', callback);
      top.end(chunk, encoding as BufferEncoding);
      return;
    }
    try {
      this.#first.end(chunk, encoding, callback);
      this.#isEnded = true;
    } catch (error) {
      this.#writeFailed(error, callback);
    }
  }

  /** `res.flush()`: what transforms hold goes to the client. */
  flush(): void {
    this.#handOver();
    this.head.begin();
    this.#first.sendCollected();
    this.swapped.flush();
  }

  /** node:http wants more; it is told to those who write right before it. */
  nativeDrained(): void {
    (this.#outlets.at(-1) as ResponseOutlet).drained();
  }

  outletDrained(outlet: BodyOutlet): void {
    if (outlet !== this.#first || this.swapped.top !== undefined) return;
    this.native.drained();
    this.above?.nativeDrained();
  }

  /** Whether whoever writes should wait. */
  get needsDrain(): boolean {
    return this.swapped.top?.writableNeedDrain ?? (!this.isEnded && this.#first.needsDrain);
  }

  /** Bytes under way to node:http's socket. */
  get writableLength(): number {
    const streams = this.swapped.inOrder.reduce((sum, { writableLength }) => sum + writableLength, 0);
    return this.#outlets.reduce((sum, { heldLength }) => sum + heldLength, streams + this.native.writableLength);
  }

  /** Something was piped into the response; by a starting callback, the output of what it is about to swap in. */
  addSource(source: Readable): void {
    this.swapped.addSource(source, this.start.isInCallback ? this.stream : undefined);
  }

  cut(error: unknown): void {
    this.response.destroy(error as Error);
  }

  startedLater(): void {
    this.head.startedLater();
    for (const outlet of this.#outlets.toReversed()) outlet.release();
    this.swapped.started();
  }

  startFailed(error: unknown): void {
    for (const outlet of this.#outlets) outlet.drop(error);
    this.#offered?.drop(error);
    this.swapped.fail(error);
    this.native.answerFailure();
    // Whoever waits to write more goes on to its end; nothing of it is sent.
    this.native.drained();
    reportFailure('A callback of onStarting() failed, the response is a 500:', error);
  }

  #isCurrent(stream: Writable): boolean {
    // The stream of an outlet is made only when somebody asks for it.
    return stream === this.swapped.top || (stream instanceof ResponseStream && stream === this.stream);
  }

  #swap(stream: Writable, writer?: PipeWriter): void {
    if (this.start.isInCallback) this.#swapBeneath(stream);
    else {
      const beneath = this.stream;
      this.#handOver();
      this.swapped.pushAbove(stream, () => beneath, writer);
      this.head.bodySwapped();
      stream.on('drain', () => stream === this.swapped.top && this.native.emit('drain'));
    }
  }

  #swapBeneath(stream: Writable): void {
    const above = this.#outlets.at(-1) as ResponseOutlet;
    const next = this.#outlet;
    above.putBeneath(new StreamSink(stream, this.native), next);
    stream.on('drain', () => above.drained());
    this.#outlets.push(next);
    this.#offered = undefined;
    this.swapped.pushBeneath(stream, () => next.stream);
    this.head.bodySwapped();
  }

  /** What `bodyWriter` still holds goes first, so that bytes leave in the order of the calls. */
  #handOver(): void {
    this.#offered?.handOver();
    if (this.swapped.top === undefined) this.#first.handOver();
    else this.swapped.handOver();
  }

  /** More bytes than declared are thrown at who writes them; a throw out of a pipe's listener would end the process. */
  #writeFailed(error: unknown, callback: WriteCallback | undefined): false {
    if (!isTooManyBytes(error) || !this.swapped.hasSources) throw error;
    this.cut(error);
    if (callback !== undefined) process.nextTick(callback, error);
    return false;
  }
}
