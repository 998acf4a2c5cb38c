import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { PipeWriter } from '../pipelines/pipe-writer';
import { SinkPipeWriter } from '../streams/sink-pipe-writer';
import { isWritable } from '../streams/writer-from';
import type { NativeResponse, WriteCallback } from './native-response';
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
    this.#commitHeaders();
    if (callback !== undefined) this.#response.once('finish', callback);
    this.stream.end(chunk, encoding as BufferEncoding);
  }

  #swap(stream: Writable): void {
    const beneath = this.stream;
    this.#handOver();
    if (!this.isSwapped) this.#response.on('pipe', this.#onPipe).once('close', this.#onClose);
    this.#swapped.push({ stream, beneath });
    this.#stream = stream;
    this.#writer = undefined;
    this.#redirect(stream as unknown as Readable, beneath);
    stream.on('drain', () => this.#response.emit('drain')).on('error', (error) => this.#response.destroy(error));
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

  /** A body piped into the response means the body that it replaces; into the response it would go round for ever. */
  readonly #onPipe = (source: Readable): void => {
    const body = this.#swapped.find(({ stream }) => stream === (source as unknown));
    if (body !== undefined) this.#redirect(source, body.beneath);
  };

  #redirect(source: Readable, destination: Writable): void {
    if (typeof source.unpipe !== 'function') return;
    let wasPiped = false;
    const onUnpipe = () => {
      wasPiped = true;
    };
    this.#response.once('unpipe', onUnpipe);
    source.unpipe(this.#response);
    this.#response.off('unpipe', onUnpipe);
    if (wasPiped) source.pipe(destination);
  }

  /** The client is gone, or the response is out: nobody needs the streams any more. */
  readonly #onClose = (): void => {
    for (const { stream } of this.#swapped) stream.destroy();
  };
}
