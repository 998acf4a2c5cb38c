import type { Transform } from 'node:stream';

export type EncodeCallback = (error?: Error | null) => void;

/** Encodes one piece of a body after the other. What comes of a piece is given out before its callback is called. */
export interface PieceEncoder {
  encode(piece: Buffer, callback: EncodeCallback): void;
  /** Gives out all that it holds. */
  flush(callback: EncodeCallback): void;
  end(callback: EncodeCallback): void;
  /** Nobody needs it any more, also in the middle of a piece. */
  destroy(): void;
}

/** An encoder of node:zlib. */
export type ZlibStream = Transform & { flush(callback?: () => void): void };

/** One that node:zlib keeps the state of. */
export class StreamEncoder implements PieceEncoder {
  readonly #stream: ZlibStream;

  constructor(stream: ZlibStream, give: (chunk: Buffer) => void, fail: (error: Error) => void) {
    this.#stream = stream;
    stream.on('data', give);
    stream.on('error', fail);
  }

  encode(piece: Buffer, callback: EncodeCallback): void {
    this.#stream.write(piece, (error) => this.#done(callback, error));
  }

  flush(callback: EncodeCallback): void {
    this.#stream.flush(() => this.#done(callback));
  }

  end(callback: EncodeCallback): void {
    this.#stream.once('end', callback);
    this.#stream.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** What the stream still holds it gives out now. */
  #done(callback: EncodeCallback, error?: Error | null): void {
    while (this.#stream.read() !== null);
    callback(error);
  }
}
