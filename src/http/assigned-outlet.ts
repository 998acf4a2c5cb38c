import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { BufferedPipeWriter } from '../pipelines/buffered-pipe-writer';
import type { PipeWriter } from '../pipelines/pipe-writer';
import { viewDestroyed } from '../streams/errors';
import type { StreamOutlet, StreamOwner } from './body-outlet';
import type { ResponseStart } from './response-start';
import { ResponseStream } from './response-stream';
import type { WriteCallback } from './write-callback';

/**
 * The way of bytes out of a body whose writer somebody assigned: into that writer, within the call, behind what its user
 * has put there. They wait beside the user's own flush, so that neither is refused for the other.
 *
 * The stream's end completes the writer, and so does the user the stream. Its destruction abandons the writer.
 */
export class AssignedOutlet implements StreamOutlet, StreamOwner {
  readonly stream: ResponseStream;
  /** The writer's completion ends the stream at once, and then nothing comes here. */
  readonly isOpen = true;
  readonly #writer: BufferedPipeWriter;
  readonly #owner: StreamOwner;
  #isFull = false;
  #isScheduled = false;
  /** Bytes of the writes since it is full. */
  #heldBytes = 0;
  readonly #callbacks: WriteCallback[] = [];
  /** The end that comes behind the user's flush. */
  #whenFlushed: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /**
   * The stream by which a response's bytes go into a writer that was assigned. Of a writer that is none of ours nobody
   * can tell whether it is full: its stream waits for each write, and is overtaken by what its user writes meanwhile.
   */
  static streamInto(writer: PipeWriter, owner: StreamOwner): Writable {
    return writer instanceof BufferedPipeWriter ? new AssignedOutlet(writer, owner).stream : writer.asStream();
  }

  private constructor(writer: BufferedPipeWriter, owner: StreamOwner) {
    this.#writer = writer;
    this.#owner = owner;
    this.stream = new ResponseStream(this);
    const { whenChanged } = writer;
    writer.whenChanged = () => {
      whenChanged?.();
      this.#writerChanged();
    };
  }

  get owner(): StreamOwner {
    return this;
  }

  get response(): ServerResponse {
    return this.#owner.response;
  }

  get start(): ResponseStart {
    return this.#owner.start;
  }

  get needsDrain(): boolean {
    return this.#isFull;
  }

  get writableLength(): number {
    return this.#heldBytes;
  }

  write(chunk: Buffer, _encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    this.#writer.append(chunk);
    // Once it is full, whenChanged says when it is no more.
    const result = this.#isFull ? undefined : this.#writer.peekFlush();
    if (callback !== undefined) this.#callbacks.push(callback);
    this.#isFull = result === undefined;
    if (this.#isFull) this.#heldBytes += chunk.length;
    if (result?.isCompleted || this.#callbacks.length > 0) this.#schedule();
    return !this.#isFull;
  }

  /** The writer passes every piece on. */
  passOn(): void {}

  handOver(): void {
    this.#writer.handOver();
  }

  /** The completion would reject a flush of the user's that waits, and so comes behind it. */
  end(_chunk: unknown, _encoding: undefined, callback: WriteCallback): void {
    if (this.#writer.isFlushing && this.#closed === undefined) this.#whenFlushed = () => this.#complete(callback);
    else this.#complete(callback);
  }

  #complete(callback: WriteCallback): void {
    this.#whenFlushed = undefined;
    this.#closed ??= this.#writer.complete();
    this.#closed.then(
      () => {
        this.#tell();
        callback();
      },
      (error) => this.stream.destroy(error),
    );
  }

  /** The stream was destroyed before its end, or the response was out before the writer said that it was closed. */
  cut(error: unknown): void {
    const isWhole = this.#closed !== undefined && error === undefined && this.response.writableFinished;
    const reason = isWhole ? undefined : (error ?? viewDestroyed());
    if (this.#closed === undefined) this.#writer.abandon(reason);
    this.#tell(reason);
  }

  #writerChanged(): void {
    const { completion } = this.#writer;
    if (completion.isCompleted) this.#closed ??= this.#writer.complete();
    if (completion.hasError) this.stream.destroy(completion.error as Error);
    else if (completion.isCompleted) this.stream.end();
    else if (this.#isFull || this.#whenFlushed !== undefined) this.#schedule();
  }

  /** Later than the call of somebody else that the writer was changed by. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => this.#look());
  }

  #look(): void {
    this.#isScheduled = false;
    const wasFull = this.#isFull;
    if (this.#closed === undefined) this.#ask();
    if (this.stream.destroyed) return;
    if (!this.#writer.isFlushing) this.#whenFlushed?.();
    if (this.#isFull) return;
    this.#tell();
    if (wasFull) this.stream.outletDrained();
  }

  #ask(): void {
    try {
      const result = this.#writer.peekFlush();
      this.#isFull = result === undefined;
      if (result?.isCompleted) this.stream.destroy();
    } catch (error) {
      this.stream.destroy(error as Error);
    }
  }

  #tell(error?: unknown): void {
    this.#heldBytes = 0;
    for (const callback of this.#callbacks.splice(0)) callback(error as Error);
  }
}
