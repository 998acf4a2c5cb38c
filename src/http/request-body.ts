import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { PipeReader } from '../pipelines/pipe-reader';
import { isReadable, isWebReadable } from '../streams/reader-from';
import { requestAborted } from './errors';
import type { NativeRequest } from './native-request';
import { RequestPipeReader } from './request-pipe-reader';

const noBytes = Buffer.alloc(0);

/**
 * The body of one request: the current stream and reader, the value that was parsed from it, and who gets the bytes.
 *
 * The parser's bytes go into a pipe (`held`). When the request itself is read first they go straight on to its readers
 * (`direct`), as node:http does it. Once somebody asks for `body` or `bodyReader`, everybody reads through the current
 * reader (`shared`): the request's own stream takes from it what its readers ask for.
 */
export class RequestBody {
  readonly #request: IncomingMessage;
  readonly #native: NativeRequest;
  readonly #received: RequestPipeReader;
  #mode: 'held' | 'direct' | 'shared';
  #stream: Readable | undefined;
  #reader: PipeReader | undefined;
  #hasValue = false;
  #value: unknown;
  #isPumping = false;

  constructor(request: IncomingMessage, native: NativeRequest) {
    this.#request = request;
    this.#native = native;
    this.#received = new RequestPipeReader(() => native.resumeSocket());
    this.#reader = this.#received;
    this.#received.whenDrained = this.#endRequest;
    this.#mode = native.wasFedBefore ? 'direct' : 'held';
    if (native.isComplete && this.#mode === 'held') this.#received.deliverEnd();
  }

  /** `req.body`: the parsed value when there is one, else the current stream; undefined without a body. */
  get value(): unknown {
    if (this.#hasValue) return this.#value;
    return this.#stream === undefined && this.#reader === this.#received && !this.#native.hasBody
      ? undefined
      : this.stream;
  }

  /** `req.body = value`: a stream swaps the body, everything else is a parsed value. */
  set value(value: unknown) {
    if (value === this.#request) return;
    if (isReadable(value)) this.#swapStream(value);
    else if (isWebReadable(value)) this.#swapReader(PipeReader.from(value));
    else {
      this.#hasValue = true;
      this.#value = value;
    }
  }

  /** The current body as a stream. */
  get stream(): Readable {
    this.#stream ??= this.reader.asStream().on('error', ignore);
    return this.#stream;
  }

  /** The current body as a pipe; the same object until the body is swapped. */
  get reader(): PipeReader {
    this.#share();
    if (this.#reader === undefined) {
      this.#reader = PipeReader.from(this.#stream as Readable);
      this.#watchEnd(this.#reader);
    }
    return this.#reader;
  }

  set reader(reader: PipeReader) {
    this.#swapReader(reader);
  }

  /** The parser's bytes; null is the end. False asks it to pause the socket. */
  receive(chunk: Buffer | null): boolean {
    if (this.#mode === 'direct') return this.#native.push(chunk);
    if (chunk !== null) return this.#received.receive(chunk);
    this.#received.deliverEnd();
    this.#endRequest();
    return false;
  }

  /** Somebody who reads the request itself asks for bytes. */
  feedRequest(size: number): void {
    if (this.#mode === 'held') this.#readDirectly();
    if (this.#mode === 'direct') this.#native.read(size);
    else if (this.#native.isFlowing) void this.#pump();
    else this.#native.push(noBytes);
  }

  /** The response is finished: throws away what nobody reads. False while somebody does. */
  discard(): boolean {
    if (this.#received.isReading) return false;
    if (this.#mode !== 'direct') {
      this.#mode = 'direct';
      this.#received.discard();
      if (this.#native.isComplete) this.#native.push(null);
    }
    return true;
  }

  /** The request was destroyed: what is not whole cannot become so any more. */
  abort(): void {
    if (this.#native.isComplete) return;
    const error = requestAborted(this.#received.receivedBytes, this.#native.announcedLength);
    this.#received.deliverEnd(error);
    if (this.#stream !== undefined && this.#reader !== this.#received) this.#stream.destroy(error);
  }

  /** What was held goes to those who read the request itself, and what follows too. */
  #readDirectly(): void {
    this.#mode = 'direct';
    const { unread, sourceCompletion } = this.#received;
    const chunks = [...unread.sequence().chunks()];
    unread.clear();
    for (const chunk of chunks) this.#native.push(chunk);
    if (sourceCompletion.isCompleted) this.#native.push(null);
  }

  /** From here on everybody reads through the reader, also what the request's own stream was given already. */
  #share(): void {
    if (this.#mode === 'direct') {
      this.#takeBack();
      this.#native.restart();
    }
    this.#mode = 'shared';
  }

  #takeBack(): void {
    const rest = this.#native.takeBack();
    if (rest !== null) this.#received.deliver(rest);
    if (this.#native.isComplete) this.#received.deliverEnd();
  }

  #swapStream(stream: Readable): void {
    this.#forgetValue();
    if (stream === this.#stream) return;
    this.#leaveCurrentReaders();
    this.#stream = stream;
    this.#reader = undefined;
    stream.on('error', ignore).on('end', this.#endRequest);
  }

  #swapReader(reader: PipeReader): void {
    this.#forgetValue();
    if (reader === this.#reader) return;
    this.#leaveCurrentReaders();
    this.#stream = undefined;
    this.#reader = reader;
    this.#watchEnd(reader);
  }

  /** Those who read the request itself at a swap go on with the bytes of the body that was current. */
  #leaveCurrentReaders(): void {
    if (this.#mode === 'direct') this.#takeBack();
    this.#mode = 'shared';
    if (this.#native.isBeingRead) this.#native.moveReadersTo(this.stream);
    this.#native.restart();
    this.#describeSwappedBody();
  }

  /** The length that the client announced is not that of the new body; old parsers compare it. */
  #describeSwappedBody(): void {
    const { headers } = this.#request;
    if (headers['content-length'] === undefined) return;
    delete headers['content-length'];
    headers['transfer-encoding'] ??= 'chunked';
  }

  #forgetValue(): void {
    this.#hasValue = false;
    this.#value = undefined;
  }

  /** Brings the request's own stream the next bytes of the current body. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { reader } = this;
    try {
      const { buffer, isCompleted } = reader.tryRead() ?? (await reader.read());
      const chunks = [...buffer.chunks()];
      this.#isPumping = false;
      reader.advanceTo(buffer.end);
      for (const chunk of chunks) this.#native.push(chunk);
      if (isCompleted) this.#native.push(null);
      else if (chunks.length === 0) await this.#pump();
    } catch (error) {
      this.#native.destroy(error as Error);
    }
  }

  #watchEnd(reader: PipeReader): void {
    if (reader instanceof BufferedPipeReader) reader.whenDrained = this.#endRequest;
  }

  /** When the body was read to its end, the request shows it, so that nobody waits for more. */
  readonly #endRequest = (): void => {
    if (this.isDrained && this.#native.isComplete) this.#native.end();
  };

  /** Whether the current body was read to its end. */
  get isDrained(): boolean {
    if (this.#mode !== 'shared') return false;
    if (this.#reader === undefined) return this.#stream?.readableEnded ?? false;
    return this.#reader instanceof BufferedPipeReader && this.#reader.isDrained;
  }
}

/** Whoever reads gets the error. Where nobody listens, an error of a stream ends the process, and a client must not. */
function ignore(): void {}
