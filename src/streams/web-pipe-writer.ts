import type { WritableStream, WritableStreamDefaultWriter } from 'node:stream/web';
import type { WriterOptions } from '../pipelines/stream-options';
import { SinkPipeWriter } from './sink-pipe-writer';

/**
 * A writer over a web `WritableStream`, which it locks. `complete()` closes the stream, `complete(error)` aborts it;
 * with `leaveOpen` both only let go of the lock.
 */
export class WebPipeWriter extends SinkPipeWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #leaveOpen: boolean;

  constructor(destination: WritableStream<Uint8Array>, options: WriterOptions) {
    super(options);
    this.#writer = destination.getWriter();
    this.#leaveOpen = options.leaveOpen ?? false;
    this.#writer.closed.then(
      () => this.lost(),
      (error) => {
        // Letting go of the lock rejects too.
        if (!this.completion.isCompleted) this.lost(error);
      },
    );
  }

  protected override send(chunk: Buffer): void {
    // What fails here fails `closed` too.
    try {
      this.#writer.write(chunk).catch(() => {});
    } catch {
      // Node 20 fails an assertion of its own when the stream was closed before: `closed` says so in a moment.
    }
  }

  protected override isFull(): boolean {
    if ((this.#writer.desiredSize ?? 1) > 0) return false;
    this.#writer.ready.then(
      () => this.drained(),
      () => {},
    );
    return true;
  }

  protected override async close(error: unknown): Promise<void> {
    if (this.#leaveOpen) this.#writer.releaseLock();
    else if (this.completion.hasError) await this.#writer.abort(error);
    else if (this.gone.isCompleted) this.gone.throwIfFailed();
    else await this.#writer.close();
  }

  protected override cutOff(error: unknown): void {
    if (!this.#leaveOpen) this.#writer.abort(error).catch(() => {});
  }
}
