import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { failedWithoutReason } from './errors';
import { toBytes } from './to-bytes';

/** What a reader pulls its chunks from, one at a time. */
export interface ChunkSource {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  /** Stops the source, with the error that the reader was completed with. */
  close(error: unknown): Promise<unknown>;
}

/**
 * A reader over what gives chunks when asked: a web stream or an async iterable. Asks only while a read waits.
 *
 * `complete()` closes the source, which may have been left open by whoever made the {@link ChunkSource}.
 */
export class PulledPipeReader extends BufferedPipeReader {
  readonly #source: ChunkSource;
  #isPulling = false;

  constructor(source: ChunkSource) {
    super();
    this.#source = source;
  }

  protected override whenWaiting(): void {
    if (!this.#isPulling) void this.#pull();
  }

  protected override whenAdvanced(): void {
    this.unread.releaseTail();
  }

  protected override async whenCompleted(error: unknown): Promise<void> {
    this.unread.clear();
    await this.#source.close(error);
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    try {
      while (this.isAsking && !this.sourceCompletion.isCompleted) {
        const { done, value } = await this.#source.next();
        if (done) this.deliverEnd();
        else this.deliver(toBytes(value));
      }
    } catch (error) {
      this.deliverEnd(error ?? failedWithoutReason());
    } finally {
      this.#isPulling = false;
    }
  }
}
