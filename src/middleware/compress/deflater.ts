import zlib, { type ZlibOptions } from 'node:zlib';
import type { EncodeCallback } from './piece-encoder';

type Give = (chunk: Buffer) => void;

/** A deflate encoder whose every piece ends on a byte (RFC 1951 §3.2.3), so that another's may follow. */
export class Deflater {
  readonly #stream: zlib.DeflateRaw;
  #give: Give | undefined;
  #done: EncodeCallback | undefined;
  /** What it was lent to last, and so whose bytes it refers back to. */
  user: object | undefined;

  constructor(options: ZlibOptions) {
    this.#stream = zlib.createDeflateRaw({ ...options, flush: zlib.constants.Z_SYNC_FLUSH });
    this.#stream.on('data', (chunk: Buffer) => this.#give?.(chunk));
    this.#stream.on('error', (error) => this.#settle(error));
  }

  get isBroken(): boolean {
    return this.#stream.destroyed;
  }

  /** Gives all that comes of a piece before it is done. */
  encode(piece: Buffer, give: Give, done: EncodeCallback): void {
    this.#give = give;
    this.#done = done;
    this.#stream.write(piece, (error) => {
      // Nothing may be left that the next user would be given.
      while (this.#stream.read() !== null);
      this.#settle(error);
    });
  }

  /** Forgets what it has seen. */
  reset(): void {
    this.#stream.reset();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #settle(error?: Error | null): void {
    const done = this.#done;
    this.#give = undefined;
    this.#done = undefined;
    done?.(error);
  }
}
