import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { PipeReader } from '../pipelines/pipe-reader';
import { ReadablePipeReader } from '../streams/readable-pipe-reader';
import { isReadable, isWebReadable } from '../streams/reader-from';
import { ReaderStream } from '../streams/reader-stream';
import { forgetLength } from './announced-body';
import { BodyRecording, type BufferingOptions } from './body-recording';
import { notAReader, notBuffered } from './errors';
import type { NativeRequest } from './native-request';
import type { RequestLimits } from './request-limits';
import { RequestRoute } from './request-route';
import type { RouteOwner } from './route-owner';

/**
 * The body of one request: the current stream and reader, and the value that was parsed from it.
 *
 * How the parser's bytes come to it is the {@link RequestRoute}'s.
 */
export class RequestBody implements RouteOwner {
  readonly #request: IncomingMessage;
  readonly #native: NativeRequest;
  readonly #route: RequestRoute;
  /** The stream that was swapped in, if one was. */
  #swapped: Readable | undefined;
  /** The current reader, and the stream over it. */
  #reader: PipeReader | undefined;
  #view: ReaderStream | undefined;
  /** What was parsed from the body. */
  #value: { readonly value: unknown } | undefined;
  #recording: BodyRecording | undefined;

  constructor(request: IncomingMessage, native: NativeRequest) {
    this.#request = request;
    this.#native = native;
    this.#route = new RequestRoute(this, native);
    this.#reader = this.#route.received;
    this.#watch(this.#route.received);
    this.#route.received.whenRefused = this.#failSwapped;
  }

  /** How the parser's bytes come. */
  get route(): RequestRoute {
    return this.#route;
  }

  /** `req.body`: the parsed value when there is one, else the current stream; undefined without a body. */
  get value(): unknown {
    if (this.#value !== undefined) return this.#value.value;
    return this.#reader === this.#route.received && !this.#native.hasBody ? undefined : this.stream;
  }

  /** `req.body = value`: a stream swaps the body, everything else is a parsed value. */
  set value(value: unknown) {
    if (value === this.#request) return;
    if (isReadable(value)) this.#swap(value, undefined);
    else if (isWebReadable(value)) this.#swap(undefined, PipeReader.from(value));
    else this.#value = { value };
  }

  /** The current body as a stream. */
  get stream(): Readable {
    // What a reader took from a stream that was swapped in is read next: by a view over that reader, not by the stream.
    const hasStarted = this.#reader instanceof ReadablePipeReader && this.#reader.hasStarted;
    if (this.#swapped !== undefined && !hasStarted) return this.#swapped;
    if (this.#view === undefined || (this.#view.destroyed && !this.isDrained)) {
      // Open, so that a view that was given up half way leaves the rest to the next reader.
      this.#view = new ReaderStream(this.reader, true);
      this.#view.on('error', ignore).on('end', this.#endRequest);
    } else this.#route.giveTurn();
    this.#reclaimFromRequest();
    return this.#view;
  }

  /** The current body as a pipe; the same object until the body is swapped. */
  get reader(): PipeReader {
    this.#route.share();
    this.#reclaimFromView();
    this.#reclaimFromRequest();
    return this.#currentReader;
  }

  set reader(reader: PipeReader) {
    if (typeof (reader as Partial<PipeReader> | null | undefined)?.advanceTo !== 'function') throw notAReader();
    this.#swap(undefined, reader);
  }

  /** Bounds that hold from now on. */
  limit(limits: RequestLimits): void {
    this.#route.received.limit(limits);
  }

  /** Bytes that somebody else has read already, as serverless platforms do, become the body. */
  adopt(bytes: Uint8Array): void {
    this.#become(undefined, PipeReader.from(bytes));
  }

  /** `req.enableBuffering()`: the body is kept from here on. Undefined when it is already. */
  enableBuffering(options?: BufferingOptions): BodyRecording | undefined {
    if (this.#recording !== undefined) return undefined;
    const recording = new BodyRecording(this.reader, options);
    this.#recording = recording;
    // What is recorded cannot be read beside the recording.
    const recorded = () => new ReaderStream(recording.reader(), true).on('error', ignore);
    this.#become(undefined, recording.reader(), recorded);
    return recording;
  }

  /** `req.rewindBody()`: the body of the time of enableBuffering() is current again, from its first byte. */
  rewind(): void {
    if (this.#recording === undefined) throw notBuffered();
    this.#become(undefined, this.#recording.reader());
  }

  /** Whether nobody can read it any more: it was read to its end, or given up. */
  get isOver(): boolean {
    return (this.isDrained && this.#native.isComplete) || this.#native.hasEndedEarly;
  }

  /** Whether the current body was read to its end. */
  get isDrained(): boolean {
    if (!this.#route.isShared || (!this.#route.isCopied && this.#request.readableLength > 0)) return false;
    if ((this.#view?.readableLength ?? 0) > 0) return false;
    if (this.#reader === undefined) return this.#swapped?.readableEnded ?? false;
    return this.#reader instanceof BufferedPipeReader && this.#reader.isDrained;
  }

  /** The request was destroyed: who reads a body that is not whole gets the error. */
  abort(): void {
    const error = this.#route.abort();
    if (error !== undefined) this.#failSwapped(error);
  }

  /** What was swapped in above has no end any more, and `pipe()` does not say so: who waits for one gets the error. */
  readonly #failSwapped = (error: unknown): void => {
    if (this.#reader === this.#route.received) return;
    if (this.#reader instanceof BufferedPipeReader) this.#reader.deliverEnd(error);
    this.#view?.destroy(error as Error);
    this.#swapped?.destroy(error as Error);
  };

  /** Whether the request's stream ended with a body that was swapped in, and the client's own has not. */
  get hasEndedAbove(): boolean {
    return this.#native.hasEndedAbove;
  }

  /** The response is finished: what nobody reads is thrown away. */
  discard(): void {
    if (this.#native.hasEndedAbove) this.#native.bringRest();
    this.#route.discard();
  }

  /** The request itself flows to nobody any more: as in Node, where iterating takes the place of that. */
  stopFlowing(): void {
    if (!this.#native.isBeingRead) this.#native.stopFlowing();
  }

  readerForRequest(): PipeReader {
    this.#reclaimFromView();
    return this.#currentReader;
  }

  routeEnded(): void {
    this.#endRequest();
    // As in Node, also where a body that was swapped in is not read.
    if (this.#route.received.isAnswered && !this.#native.isBeingRead) this.#native.end();
  }

  get #currentReader(): PipeReader {
    if (this.#reader === undefined) {
      this.#reader = PipeReader.from(this.#swapped as Readable);
      this.#watch(this.#reader);
    }
    return this.#reader;
  }

  /** What the view was given and nobody took goes back to the reader, and so does a read of its own. */
  #reclaimFromView(): void {
    const rest = this.#view?.letGo();
    if (rest !== undefined && rest !== null) this.#putBack(rest);
  }

  /** The same for the request's own stream. */
  #reclaimFromRequest(): void {
    if (this.#route.isShared && !this.#native.isWanted) this.#takeBackFromRequest();
  }

  #takeBackFromRequest(): void {
    if (this.#route.isCopied) return;
    // A read that Node believes to be under way would keep it from asking again.
    if (!this.#route.letGo() && !(this.#request.readableLength > 0)) return;
    const rest = this.#native.takeBack();
    if (rest !== null) this.#putBack(rest);
  }

  #putBack(bytes: Buffer): void {
    if (this.#currentReader instanceof BufferedPipeReader) this.#currentReader.putBack(bytes);
  }

  /** Makes a stream or a reader the body, unless it is already. */
  #swap(stream: Readable | undefined, reader: PipeReader | undefined): void {
    const isCurrent =
      reader === undefined ? stream === this.#swapped || stream === this.#view : reader === this.#reader;
    if (isCurrent) {
      this.#value = undefined;
      return;
    }
    this.#become(stream, reader);
    forgetLength(this.#request);
  }

  /** Those who read the request itself go on with the body that was current. */
  #become(stream: Readable | undefined, reader: PipeReader | undefined, current = () => this.stream): void {
    this.#value = undefined;
    this.#route.share();
    this.#takeBackFromRequest();
    if (this.#native.isBeingRead) this.#native.moveReadersTo(current());
    // `stream.pipeline()` puts up to 7 listeners on the request for each body that it was piped into: no leak.
    const maxListeners = this.#request.getMaxListeners?.() ?? 0;
    if (maxListeners > 0) this.#request.setMaxListeners(maxListeners + 8);
    this.#route.leave();
    this.#native.revive();
    this.#swapped = stream?.on('error', ignore).on('end', this.#endRequest);
    this.#reader = reader;
    this.#view = undefined;
    if (reader !== undefined) this.#watch(reader);
  }

  #watch(reader: PipeReader): void {
    this.#route.watch(reader);
    if (reader instanceof BufferedPipeReader) reader.whenDrained = this.#endRequest;
  }

  /** When the body was read to its end, the request shows it, so that nobody waits for more. */
  readonly #endRequest = (): void => {
    const mayEnd = this.#reader === this.#route.received ? this.#native.isComplete : this.#native.mayEndAbove;
    if (!this.isDrained || !mayEnd) return;
    // A tick later, when nobody has swapped in another body.
    process.nextTick(endIfDrained, this, this.#native);
  };
}

function endIfDrained(body: RequestBody, native: NativeRequest): void {
  if (body.isDrained) native.end();
}

/** Whoever reads gets the error. Where nobody listens, an error of a stream ends the process, and a client must not. */
function ignore(): void {}
