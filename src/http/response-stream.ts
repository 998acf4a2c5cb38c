import { type Readable, Writable } from 'node:stream';
import type { StreamOutlet } from './body-outlet';
import { refuseWrite } from './refuse-write';
import { whenClosed } from './when-closed';
import type { WriteCallback } from './write-callback';

/**
 * The response as a `Writable` of its own: what a transform is piped into, beneath what replaced it.
 *
 * It queues nothing: every piece is handed to the outlet within the call, else bytes that came later by `res.write` or
 * `bodyWriter` would leave before it. The outlet says what is under way and whether to wait.
 *
 * Its end ends the body, its destruction before that cuts the connection, or off the writer that it goes into. When the client is gone it closes
 * without an error.
 */
export class ResponseStream extends Writable {
  readonly #outlet: StreamOutlet;
  /** Who is to be told when the bytes of the write on the stack are out. */
  #whenOut: WriteCallback | undefined;
  readonly #sources: Readable[] = [];

  constructor(outlet: StreamOutlet) {
    // By its own count it is never full, and so never tells 'drain' by itself.
    super({ highWaterMark: Number.MAX_SAFE_INTEGER });
    this.#outlet = outlet;
    this.on('pipe', (source: Readable) => this.#sources.push(source));
    whenClosed(outlet.owner.response, () => this.#giveUp());
    // Its failure cuts the connection, which is all that anybody can do about it.
    this.on('error', () => {});
  }

  override write(
    chunk: unknown,
    encoding?: BufferEncoding | WriteCallback | null,
    callback?: WriteCallback | null,
  ): boolean {
    if (typeof encoding === 'function') return this.write(chunk, undefined, encoding);
    const { response, start } = this.#outlet.owner;
    // Node's Writable would destroy itself, and the response with it that was ended well.
    if (this.writableEnded) return refuseWrite(response, start, callback ?? undefined);
    const before = this.#whenOut;
    this.#whenOut = callback ?? undefined;
    try {
      const isTaken = super.write(chunk, encoding as BufferEncoding, (error) => {
        if (error) callback?.(error);
      });
      return isTaken && !this.#outlet.needsDrain;
    } finally {
      this.#whenOut = before;
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    const whenOut = this.#whenOut;
    this.#whenOut = undefined;
    const { response, start } = this.#outlet.owner;
    try {
      this.#outlet.handOver();
      if (this.#outlet.isOpen || response.destroyed) {
        this.#outlet.write(chunk, undefined, whenOut);
        this.#outlet.passOn();
      } else refuseWrite(response, start, whenOut);
    } catch (error) {
      callback(error as Error);
      return;
    }
    callback();
  }

  override _final(callback: WriteCallback): void {
    if (this.#outlet.isOpen) this.#outlet.end(undefined, undefined, () => callback());
    else callback();
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    if (!this.writableFinished) this.#outlet.owner.cut(error ?? undefined);
    callback(error);
  }

  /**
   * Where the client is gone, what was swapped in above is destroyed, and what comes out of it may fail for it: a web
   * stream's other side does. Where nobody listens, an error of a stream ends the process, and a client must not.
   */
  #giveUp(): void {
    if (!this.writableFinished) for (const source of this.#sources) source.on('error', () => {});
    this.destroy();
  }

  /** Holds back what others write as well, so that it leaves in the order of the calls. */
  override cork(): void {
    this.#outlet.owner.response.cork();
  }

  override uncork(): void {
    this.#outlet.owner.response.uncork();
  }

  /** The outlet wants more. */
  outletDrained(): void {
    if (!this.destroyed && !this.writableEnded && !this.#outlet.needsDrain) this.emit('drain');
  }

  static {
    const outletOf = (stream: unknown) => (stream as ResponseStream).#outlet;
    // Accessors of Writable's prototype, which TypeScript takes for fields.
    const counts = {
      get writableLength(): number {
        return outletOf(this).writableLength;
      },
      get writableCorked(): number {
        return outletOf(this).owner.response.writableCorked;
      },
      get writableHighWaterMark(): number {
        return outletOf(this).owner.response.writableHighWaterMark;
      },
      get writableNeedDrain(): boolean {
        const stream = this as unknown as ResponseStream;
        return !stream.destroyed && !stream.writableEnded && stream.#outlet.needsDrain;
      },
    };
    Object.defineProperties(ResponseStream.prototype, Object.getOwnPropertyDescriptors(counts));
  }
}
