import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { BufferedPipeWriter } from '../pipelines/buffered-pipe-writer';
import type { PipeWriter } from '../pipelines/pipe-writer';
import { flushStreams } from './flush-streams';
import { movePipe } from './move-pipe';
import { reaches } from './reaches';
import type { ResponseHead } from './response-head';
import { SwappedPipeWriter } from './swapped-pipe-writer';
import { whenClosed } from './when-closed';

/** A body that was swapped in, and the one that it replaced: what it is piped into, made when something is. */
interface SwappedBody {
  readonly stream: Writable;
  readonly beneath: () => Writable;
}

/** `stream.pipeline()` puts up to 7 listeners for an event on its last stream: so many for each body are no leak. */
const listenersOfPipeline = 8;

/** The streams that were swapped in for a response's body, and what is piped into the response. */
export class SwappedBodies {
  readonly #response: ServerResponse;
  /** What lies above the first body, the first swap first. */
  readonly #above: SwappedBody[] = [];
  /** What starting callbacks put beneath it, the nearest to the client last. */
  readonly #beneath: SwappedBody[] = [];
  readonly #sources = new Set<Readable>();

  readonly #head: ResponseHead;
  /** The writer that was swapped in last, or one over the stream that was. */
  #writer: PipeWriter | undefined;
  /** Those over what lies beneath wait for the start as well: what was swapped in above may write by them. */
  readonly #writers: SwappedPipeWriter[] = [];

  constructor(response: ServerResponse, head: ResponseHead) {
    this.#response = response;
    this.#head = head;
  }

  /** What `res.write` writes to, where a body was swapped in. */
  top: Writable | undefined;

  /** The same object until the next swap. */
  get writer(): PipeWriter | undefined {
    if (this.top === undefined) return undefined;
    if (this.#writer === undefined) {
      const writer = new SwappedPipeWriter(this.top, this.#head);
      this.#writer = writer;
      this.#writers.push(writer);
    }
    return this.#writer;
  }

  /** Whether it is one that was assigned, and knows nothing of the response. */
  get isAssigned(): boolean {
    return this.#writer !== undefined && !(this.#writer instanceof SwappedPipeWriter);
  }

  /** All of them, in the order in which bytes go through them. */
  get inOrder(): Writable[] {
    return [...this.#above.toReversed(), ...this.#beneath].map(({ stream }) => stream);
  }

  get hasSources(): boolean {
    return this.#sources.size > 0;
  }

  /** What was piped into the response so far goes on into the body that was current then. */
  pushAbove(stream: Writable, beneath: () => Writable, writer: PipeWriter | undefined): void {
    this.#watch(stream);
    this.#above.push({ stream, beneath });
    this.top = stream;
    this.#writer = writer;
    for (const source of [...this.#sources]) {
      if (reaches(stream, source)) this.#pipeOutput(source, beneath());
      else movePipe(source, this.#response, beneath());
    }
  }

  /** What was piped into the response stays above, unless it is the output of the stream itself. */
  pushBeneath(stream: Writable, beneath: () => Writable): void {
    this.#watch(stream);
    this.#beneath.push({ stream, beneath });
    for (const source of [...this.#sources]) if (reaches(stream, source)) this.#pipeOutput(source, beneath());
  }

  /**
   * Something was piped into the response: from a body's own output it means the body that it replaced. What is not seen
   * to be one goes to `destination`, if there is one.
   */
  addSource(source: Readable, destination: Writable | undefined): void {
    this.#sources.add(source);
    const body = [...this.#above, ...this.#beneath].find(({ stream }) => reaches(stream, source));
    if (body !== undefined) this.#pipeOutput(source, body.beneath());
    else if (destination !== undefined) movePipe(source, this.#response, destination);
  }

  removeSource(source: Readable): void {
    this.#sources.delete(source);
  }

  /** What the writer still holds goes to the body. */
  handOver(): void {
    if (this.#writer instanceof BufferedPipeWriter && this.#writer.unflushedBytes > 0) this.#writer.handOver();
  }

  /** What transforms hold goes on to the client. */
  flush(): void {
    void flushStreams(this.inOrder);
  }

  /** The start of the response is done: who waited for it goes on. */
  started(): void {
    for (const writer of this.#writers) writer.started();
  }

  /** The start of the response failed: nothing of what they hold will be sent. */
  fail(error: unknown): void {
    for (const writer of this.#writers) writer.failed(error);
    this.destroy();
  }

  /** The client is gone, or the response is out: nobody needs the streams any more. */
  destroy(): void {
    for (const stream of this.inOrder) stream.destroy();
  }

  #watch(stream: Writable): void {
    const response = this.#response;
    if (this.inOrder.length === 0) whenClosed(response, () => this.destroy());
    const maxListeners = response.getMaxListeners();
    // 0 means that there is no limit.
    if (maxListeners > 0) response.setMaxListeners(maxListeners + listenersOfPipeline);
    stream.on('error', (error) => response.destroy(error));
  }

  /** The end of a body ends what lies beneath it, whatever was said of the response. */
  #pipeOutput(source: Readable, destination: Writable): void {
    source.unpipe(this.#response);
    source.pipe(destination);
  }
}
