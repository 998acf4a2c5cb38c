import type { Writable } from 'node:stream';
import type { FlushResult, WaitOptions } from '../pipelines/results';
import { WritablePipeWriter } from '../streams/writable-pipe-writer';
import type { ResponseHead } from './response-head';

/**
 * The writer over a body that was swapped in. Its flushes begin the response and wait for its start, as those straight
 * into the response do, though the bytes are with the body by then.
 */
export class SwappedPipeWriter extends WritablePipeWriter {
  readonly #body: Writable;
  readonly #head: ResponseHead;

  constructor(body: Writable, head: ResponseHead) {
    super(body, {});
    this.#body = body;
    this.#head = head;
  }

  /** Makes the headers leave, too. */
  override flush(options?: WaitOptions): Promise<FlushResult> {
    const isEmpty = this.unflushedBytes === 0 && !this.waiting.isPending && options?.signal?.aborted !== true;
    if (isEmpty && !this.gone.isCompleted && !this.completion.isCompleted) this.#head.flush();
    return super.flush(options);
  }

  protected override send(chunk: Buffer): void {
    // It was ended by another way: what comes behind the end is for nobody, and must not break what came before it.
    if (this.#body.writableEnded) this.lost();
    else {
      this.#head.begin();
      super.send(chunk);
    }
  }

  protected override isFull(): boolean {
    return this.#head.isAwaited || super.isFull();
  }

  protected override drained(): void {
    if (!this.isFull()) super.drained();
  }

  /** The start of the response is done. */
  started(): void {
    this.drained();
  }

  /** The start of the response failed. */
  failed(error: unknown): void {
    this.lost(error);
  }
}
