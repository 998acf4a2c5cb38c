import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { PipeWriter } from '../pipelines/pipe-writer';
import { SinkPipeWriter } from '../streams/sink-pipe-writer';
import { isWritable } from '../streams/writer-from';
import type { NativeResponse, WriteCallback } from './native-response';
import { reaches } from './reaches';
import { ResponsePipeWriter } from './response-pipe-writer';
import { ResponseStream } from './response-stream';

/** A body that was swapped in, and the one that it replaced: what it is piped into. */
interface SwappedBody {
  readonly stream: Writable;
  readonly beneath: Writable;
}

/**
 * The body of one response: the current stream and writer, and everything that was swapped in before them.
 *
 * `res.write` and `res.end` come here. Without a swap they go straight on to node:http, behind what `bodyWriter` still
 * holds; with one, to the current stream, whose end makes its way down to the response.
 */
export class ResponseBody {
  readonly #native: NativeResponse;
  readonly #response: ServerResponse;
  readonly #base: ResponsePipeWriter;
  readonly #swapped: SwappedBody[] = [];
  #stream: Writable | undefined;
  #writer: PipeWriter | undefined;
  #value: unknown;
  #hasValue = false;
  /** What is piped into the response. */
  readonly #sources = new Set<Readable>();
  #isEnded = false;
  #isDraining = false;

  constructor(native: NativeResponse) {
    this.#native = native;
    this.#response = native.response;
    this.#base = new ResponsePipeWriter(native);
    this.#writer = this.#base;
  }

  get isSwapped(): boolean {
    return this.#swapped.length > 0;
  }

  /** `res.body`: the current stream, or what was assigned that is no stream. */
  get value(): unknown {
    return this.#hasValue ? this.#value : this.stream;
  }

  /** `res.body = value`: a stream swaps the body, everything else is kept and changes nothing that is sent. */
  set value(value: unknown) {
    if (value === this.#response) return;
    this.#hasValue = !isWritable(value);
    this.#value = this.#hasValue ? value : undefined;
    if (isWritable(value) && value !== this.#stream) this.#swap(value);
  }

  get stream(): Writable {
    this.#stream ??= new ResponseStream(this.#native, this.#base);
    return this.#stream;
  }

  /** The current body as a pipe; the same object until the body is swapped. */
  get writer(): PipeWriter {
    this.#writer ??= PipeWriter.from(this.#stream as Writable);
    return this.#writer;
  }

  set writer(writer: PipeWriter) {
    if (writer === this.#writer) return;
    this.#swap(writer.asStream());
    this.#writer = writer;
  }

  /** `res.write()` */
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    this.#handOver();
    if (!this.isSwapped) return this.#native.write(chunk, encoding, callback);
    if (this.#isEnded) return this.#refuse(callback);
    this.#commitHeaders();
    return this.stream.write(chunk, encoding as BufferEncoding, callback);
  }

  /** `res.end()` */
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.#handOver();
    if (!this.isSwapped) {
      this.#native.end(chunk, encoding, callback);
      return;
    }
    if (this.#isEnded) {
      if (chunk !== undefined && chunk !== null) this.#refuse(callback);
      else if (callback !== undefined) this.#response.once('finish', callback);
      return;
    }
    this.#isEnded = true;
    this.#commitHeaders();
    if (callback !== undefined) this.#response.once('finish', callback);
    this.stream.end(chunk, encoding as BufferEncoding);
  }

  /** Something was piped into the response: from a body's own output it means the body that it replaced. */
  addSource(source: Readable): void {
    this.#sources.add(source);
    const body = this.#swapped.find(({ stream }) => reaches(stream, source));
    if (body !== undefined) this.#redirect(source, body.beneath);
  }

  removeSource(source: Readable): void {
    this.#sources.delete(source);
  }

  /** Whether 'drain' on the response is to be heard: with a swapped body, only that of the current stream. */
  isDrainHeard(): boolean {
    if (!this.isSwapped || this.#isDraining) return true;
    this.#base.nativeDrained();
    return false;
  }

  /** Whether whoever writes should wait. */
  get needsDrain(): boolean {
    return this.isSwapped ? this.stream.writableNeedDrain : this.#native.needsDrain;
  }

  #swap(stream: Writable): void {
    const beneath = this.stream;
    this.#handOver();
    if (!this.isSwapped) this.#response.once('close', this.#onClose);
    this.#swapped.push({ stream, beneath });
    this.#stream = stream;
    this.#writer = undefined;
    // What was piped into the response so far goes on into the body that was current then.
    for (const source of [...this.#sources]) this.#redirect(source, beneath);
    stream.on('drain', () => this.#drained(stream)).on('error', (error) => this.#response.destroy(error));
  }

  #drained(stream: Writable): void {
    if (stream !== this.#stream) return;
    this.#isDraining = true;
    this.#response.emit('drain');
    this.#isDraining = false;
  }

  /** As in Node: the error goes to the callback and to 'error'; the response that was ended stays good. */
  #refuse(callback?: WriteCallback): false {
    const error = Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
    process.nextTick(() => {
      callback?.(error);
      if (this.#response.listenerCount('error') > 0) this.#response.emit('error', error);
    });
    return false;
  }

  /** What `bodyWriter` still holds goes first, so that bytes leave in the order of the calls. */
  #handOver(): void {
    if (this.#writer === undefined || this.#writer.unflushedBytes === 0) return;
    if (this.isSwapped) this.#commitHeaders();
    if (this.#writer instanceof SinkPipeWriter) this.#writer.handOver();
  }

  /** As in Node, headers count as sent from the first write on, also when the stream holds the bytes back. */
  #commitHeaders(): void {
    if (!this.#response.headersSent) this.#response.writeHead(this.#response.statusCode);
  }

  #redirect(source: Readable, destination: Writable): void {
    source.unpipe(this.#response);
    source.pipe(destination);
  }

  /** The client is gone, or the response is out: nobody needs the streams any more. */
  readonly #onClose = (): void => {
    for (const { stream } of this.#swapped) stream.destroy();
  };
}
