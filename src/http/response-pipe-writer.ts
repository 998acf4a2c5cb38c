import { checkWritten } from '../pipelines/pipe-writer';
import type { FlushResult, WaitOptions, WriteOptions } from '../pipelines/results';
import { SinkPipeWriter } from '../streams/sink-pipe-writer';
import type { BodyOutlet } from './body-outlet';
import { blockSize } from './small-writes';
import { whenClosed } from './when-closed';
import { whenOver } from './when-over';

/**
 * The writer straight into the response. `complete()` ends the response, `complete(error)` cuts the connection, so
 * that what was sent never looks whole. When the client is gone, flushes resolve with `isCompleted`.
 */
export class ResponsePipeWriter extends SinkPipeWriter {
  readonly #outlet: BodyOutlet;
  #isListening = false;

  constructor(outlet: BodyOutlet) {
    super({ minimumBufferSize: blockSize });
    this.#outlet = outlet;
    if (outlet.owner.response.destroyed) this.lost();
  }

  /** Whether its bytes go to node:http as they are, so that their count is the response's Content-Length. */
  get isLast(): boolean {
    return this.#outlet.isLast;
  }

  override write(data: Uint8Array | string, options?: WriteOptions): Promise<FlushResult> {
    try {
      this.checkWritable();
      checkWritten(data, options);
      if (this.unflushedBytes > 0) this.handOver();
      const isPassedOn = typeof data !== 'string' && data.length > this.#outlet.largestCopied;
      if (!isPassedOn) this.#put(data, options?.encoding);
      else {
        // A write that has settled leaves the caller free to use its bytes again, and they may be under way still.
        this.put(data);
        this.handOver();
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return this.whenTaken(options?.signal);
  }

  /** Makes the headers leave, too. What is flushed within a tick leaves as one chunk at its end. */
  override flush(options?: WaitOptions): Promise<FlushResult> {
    try {
      const isEmpty = this.unflushedBytes === 0 && !this.waiting.isPending && options?.signal?.aborted !== true;
      if (isEmpty) this.#outlet.begin();
      return super.flush(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  protected override send(chunk: Buffer): void {
    this.#put(chunk);
  }

  protected override isFull(): boolean {
    if (!this.#outlet.needsDrain) return false;
    if (!this.#isListening) {
      this.#isListening = true;
      whenClosed(this.#outlet.owner.response, () => this.lost());
    }
    return true;
  }

  /** The sink beneath wants more. */
  sinkDrained(): void {
    if (!this.#outlet.needsDrain) this.drained();
  }

  /** The start of the response failed. */
  failed(error: unknown): void {
    this.lost(error);
  }

  protected override close(error: unknown): Promise<void> {
    const { response } = this.#outlet.owner;
    if (this.completion.hasError) response.destroy(error as Error);
    if (!response.destroyed && this.#outlet.isOpen) this.#outlet.end();
    return whenOver(response);
  }

  protected override cutOff(error: unknown): void {
    this.#outlet.owner.response.destroy(error as Error);
  }

  #put(chunk: string | Uint8Array, encoding?: BufferEncoding): void {
    if (this.#outlet.isOpen) this.#outlet.write(chunk, encoding);
    else this.lost();
  }
}
