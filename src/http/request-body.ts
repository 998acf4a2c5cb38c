import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { PipeReader } from '../pipelines/pipe-reader';
import { ReadablePipeReader } from '../streams/readable-pipe-reader';
import { isReadable, isWebReadable } from '../streams/reader-from';
import { ReaderStream } from '../streams/reader-stream';
import { BodyRecording, type BufferingOptions } from './body-recording';
import { notBuffered, requestAborted } from './errors';
import type { NativeRequest } from './native-request';
import { RequestFeed } from './request-feed';
import type { RequestLimits } from './request-limits';
import { RequestPipeReader } from './request-pipe-reader';

/**
 * The body of one request: the current stream and reader, the value that was parsed from it, and who gets the bytes.
 *
 * The parser's bytes go into a pipe (`held`). When the request itself is read first they go straight on to its readers
 * (`direct`), as node:http does it; a reader asked for meanwhile gets them too (`both`). Once somebody asks for `body`
 * or `bodyReader`, everybody reads through the current reader (`shared`): the request's own stream takes from it what
 * its readers ask for.
 */
export class RequestBody {
  readonly #request: IncomingMessage;
  readonly #native: NativeRequest;
  #feed: RequestFeed | undefined;
  readonly #received: RequestPipeReader;
  #mode: 'held' | 'direct' | 'both' | 'shared';
  #stream: Readable | undefined;
  #reader: PipeReader | undefined;
  /** What was parsed from the body. */
  #value: { readonly value: unknown } | undefined;
  #recording: BodyRecording | undefined;
  #isAnswered = false;

  constructor(request: IncomingMessage, native: NativeRequest) {
    this.#request = request;
    this.#native = native;
    this.#received = new RequestPipeReader(native);
    this.#reader = this.#received;
    this.#received.whenDrained = this.#endRequest;
    this.#received.whenFailed = this.#failDirectReaders;
    this.#mode = native.wasFedBefore ? 'direct' : 'held';
    if (native.isComplete && this.#mode === 'held') this.#received.deliverEnd();
    if (native.isAborted) this.abort();
  }

  /** `req.body`: the parsed value when there is one, else the current stream; undefined without a body. */
  get value(): unknown {
    if (this.#value !== undefined) return this.#value.value;
    const isOriginal = this.#stream === undefined && this.#reader === this.#received;
    return isOriginal && !this.#native.hasBody ? undefined : this.stream;
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
    const isView = this.#stream instanceof ReaderStream;
    if (this.#stream === undefined || (isView ? this.#stream.destroyed && !this.isDrained : hasStarted)) {
      // Open, so that a view that was given up half way leaves the rest to the next reader.
      this.#stream = new ReaderStream(this.reader, true).on('error', ignore).on('end', this.#endRequest);
    }
    if (this.#mode === 'shared') this.#reclaimFromRequest();
    return this.#stream;
  }

  /** The current body as a pipe; the same object until the body is swapped. */
  get reader(): PipeReader {
    this.#share();
    this.#reclaimFromView();
    if (this.#mode === 'shared') this.#reclaimFromRequest();
    return this.#currentReader;
  }

  set reader(reader: PipeReader) {
    this.#swap(undefined, reader);
  }

  /** Bounds that hold from now on. */
  limit(limits: RequestLimits): void {
    this.#received.limit(limits);
  }

  /** Bytes that somebody else has read already, as serverless platforms do, become the body. */
  adopt(bytes: Uint8Array): void {
    this.#become(undefined, PipeReader.from(bytes));
  }

  /** `req.enableBuffering()`: the body is kept from here on. False when it is already. */
  enableBuffering(options?: BufferingOptions): BodyRecording | undefined {
    if (this.#recording !== undefined) return undefined;
    this.#recording = new BodyRecording(this.reader, options);
    this.#become(undefined, this.#recording.reader());
    return this.#recording;
  }

  /** `req.rewindBody()`: the body of the time of enableBuffering() is current again, from its first byte. */
  rewind(): void {
    if (this.#recording === undefined) throw notBuffered();
    this.#become(undefined, this.#recording.reader());
  }

  /** Whether the current body was read to its end. */
  get isDrained(): boolean {
    if (this.#mode !== 'shared' || this.#request.readableLength > 0) return false;
    if (this.#stream instanceof ReaderStream && this.#stream.readableLength > 0) return false;
    if (this.#reader === undefined) return this.#stream?.readableEnded ?? false;
    return this.#reader instanceof BufferedPipeReader && this.#reader.isDrained;
  }

  /** The parser's bytes; null is the end. False asks it to pause the socket. */
  receive(chunk: Buffer | null): boolean {
    if (chunk === null) this.#native.ended();
    if (this.#mode === 'direct') return this.#receiveDirectly(chunk);
    const wantsMore = chunk === null ? this.#receiveEnd() : this.#received.receive(chunk);
    if (this.#mode === 'both') return this.#pushBoth(chunk, wantsMore);
    if (wantsMore || chunk === null || !this.#isAnswered || this.#received.isWaiting) return wantsMore;
    this.#throwAway();
    return true;
  }

  /** Somebody who reads the request itself asks for bytes. */
  feedRequest(size: number): void {
    // One that is too large is refused as anybody is who reads it.
    if (this.#mode === 'held' && this.#received.isTooLarge) this.#mode = 'shared';
    if (this.#mode === 'held') this.#readDirectly();
    if (this.#mode === 'direct') this.#received.demand();
    if (this.#mode !== 'shared') this.#native.read(size);
    else if (!this.#native.isFlowing) this.#native.pushNothing();
    else if (this.#native.isBeingRead) {
      this.#reclaimFromView();
      this.#feed ??= new RequestFeed(this.#native);
      void this.#feed.bring(this.#currentReader);
    }
    // It flows to nobody: resume() throws a body away, in Node too.
    else this.#throwAway();
  }

  /** The response is finished: what nobody reads is thrown away, now or when it would keep the socket paused. */
  discard(): void {
    this.#isAnswered = true;
    const { isWaiting, isReading, isPaused } = this.#received;
    if (!isWaiting && (!isReading || isPaused)) this.#throwAway();
  }

  /** The request was destroyed: what is not whole cannot become so any more. */
  abort(): void {
    if (this.#native.isComplete) return;
    const error = requestAborted(this.#received.receivedBytes, this.#native.announcedLength);
    this.#received.deliverEnd(error);
    if (this.#reader === this.#received) return;
    if (this.#reader instanceof BufferedPipeReader) this.#reader.deliverEnd(error);
    this.#stream?.destroy(error);
  }

  get #currentReader(): PipeReader {
    if (this.#reader === undefined) {
      this.#reader = PipeReader.from(this.#stream as Readable);
      this.#watchEnd(this.#reader);
    }
    return this.#reader;
  }

  #receiveDirectly(chunk: Buffer | null): boolean {
    this.#received.count(chunk?.length ?? 0);
    if (!this.#received.isTooLarge) return this.#native.push(chunk);
    this.#failDirectReaders();
    return true;
  }

  /** Those who read the request itself get the error as a read of the reader does. */
  readonly #failDirectReaders = (): void => {
    if (this.#mode !== 'direct' && this.#mode !== 'both') return;
    this.#mode = 'shared';
    this.feedRequest(0);
  };

  #receiveEnd(): boolean {
    this.#received.deliverEnd();
    this.#endRequest();
    return false;
  }

  /** Those who read the request itself set the pace; a reader that does not keep up is told so. */
  #pushBoth(chunk: Buffer | null, wantsMore: boolean): boolean {
    if (chunk !== null && !wantsMore) this.#received.discard();
    return this.#native.push(chunk);
  }

  #throwAway(): void {
    this.#feed?.stop();
    if (this.#mode !== 'direct') {
      this.#mode = 'direct';
      this.#received.discard();
      if (this.#native.isComplete) this.#native.push(null);
    }
    this.#native.dump();
  }

  /** What was held goes to those who read the request itself, and what follows too. */
  #readDirectly(): void {
    this.#mode = 'direct';
    this.#pushHeld();
    this.#received.unread.clear();
  }

  #pushHeld(): void {
    const { unread, sourceCompletion } = this.#received;
    for (const chunk of [...unread.sequence().chunks()]) this.#native.push(chunk);
    if (sourceCompletion.isCompleted) this.#native.push(null);
  }

  /** A reader was asked for: it gets what the request's own stream was given and nobody took. */
  #share(): void {
    if (this.#mode === 'shared' || this.#mode === 'both') return;
    const isFlowing = this.#native.isBeingRead && this.#native.isFlowing;
    if (isFlowing && this.#mode === 'held') this.#pushHeld();
    if (isFlowing && this.#native.isComplete) this.#received.deliverEnd();
    if (!isFlowing && this.#mode === 'direct') this.#takeBack();
    this.#mode = isFlowing ? 'both' : 'shared';
  }

  #takeBack(): void {
    const rest = this.#native.takeBack();
    if (rest !== null) this.#received.deliver(rest);
    this.#native.restart();
    if (this.#native.isComplete) this.#received.deliverEnd();
  }

  /** What the view was given and nobody took goes back to the reader, and so does a read of its own. */
  #reclaimFromView(): void {
    const rest = this.#stream instanceof ReaderStream ? this.#stream.letGo() : null;
    if (rest !== null) this.#putBack(rest);
  }

  /** The same for the request's own stream. */
  #reclaimFromRequest(): void {
    if (this.#native.isFlowing) return;
    this.#feed?.stop();
    if (this.#request.readableLength === 0) return;
    const rest = this.#native.takeBack();
    this.#native.restart();
    if (rest !== null) this.#putBack(rest);
  }

  #putBack(bytes: Buffer): void {
    if (this.#currentReader instanceof BufferedPipeReader) this.#currentReader.putBack(bytes);
  }

  /** Makes a stream or a reader the body, unless it is already. */
  #swap(stream: Readable | undefined, reader: PipeReader | undefined): void {
    const isCurrent = reader === undefined ? stream === this.#stream : reader === this.#reader;
    if (isCurrent) {
      this.#value = undefined;
      return;
    }
    this.#become(stream, reader);
    this.#native.forgetLength();
  }

  /** Those who read the request itself go on with the body that was current. */
  #become(stream: Readable | undefined, reader: PipeReader | undefined): void {
    this.#value = undefined;
    if (this.#mode === 'direct') this.#takeBack();
    this.#mode = 'shared';
    this.#feed?.stop();
    if (this.#native.isBeingRead) this.#native.moveReadersTo(this.stream);
    this.#native.revive();
    this.#stream = stream?.on('error', ignore).on('end', this.#endRequest);
    this.#reader = reader;
    if (reader !== undefined) this.#watchEnd(reader);
  }

  #watchEnd(reader: PipeReader): void {
    if (reader instanceof BufferedPipeReader) reader.whenDrained = this.#endRequest;
  }

  /** When the body was read to its end, the request shows it, so that nobody waits for more. */
  readonly #endRequest = (): void => {
    if (!this.isDrained || !this.#native.isComplete) return;
    // A tick later, when nobody has swapped in another body.
    process.nextTick(endIfDrained, this, this.#native);
  };
}

function endIfDrained(body: RequestBody, native: NativeRequest): void {
  if (body.isDrained) native.end();
}

/** Whoever reads gets the error. Where nobody listens, an error of a stream ends the process, and a client must not. */
function ignore(): void {}
