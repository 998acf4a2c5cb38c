import { SinkPipeWriter } from '../streams/sink-pipe-writer';
import type { NativeResponse } from './native-response';

/** Bytes of a block: small writes of one flush leave as one chunk up to this size. */
const blockSize = 16_384;

/**
 * The writer straight into the response. `complete()` ends the response, `complete(error)` cuts the connection, so
 * that what was sent never looks whole. When the client is gone, flushes resolve with `isCompleted`.
 */
export class ResponsePipeWriter extends SinkPipeWriter {
  readonly #native: NativeResponse;
  #isListening = false;

  constructor(native: NativeResponse) {
    super({ minimumBufferSize: blockSize });
    this.#native = native;
    if (native.response.destroyed) this.lost();
  }

  protected override send(chunk: Buffer): void {
    if (this.#native.isOpen) this.#native.write(chunk);
    else this.lost();
  }

  protected override isFull(): boolean {
    const { response } = this.#native;
    if (!this.#native.needsDrain) return false;
    if (!this.#isListening) {
      this.#isListening = true;
      response.on('drain', () => this.drained()).on('close', () => this.lost());
    }
    return true;
  }

  /** The socket wants more, though the response does not say so: another body lies above this one. */
  nativeDrained(): void {
    this.drained();
  }

  protected override close(error: unknown): Promise<void> {
    const { response } = this.#native;
    if (this.completion.hasError) response.destroy(error as Error);
    if (response.writableFinished || response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      response.once('finish', resolve).once('close', resolve);
      if (!response.writableEnded) this.#native.end();
    });
  }
}
