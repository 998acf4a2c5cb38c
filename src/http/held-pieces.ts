import { byteLength } from './native-response';
import type { WriteCallback } from './write-callback';

/** A piece of a body that waits for the start of the response. */
export interface HeldPiece {
  readonly chunk: string | Uint8Array;
  readonly encoding: BufferEncoding | undefined;
  readonly callback: WriteCallback | undefined;
}

/** What waits for the start of a response, in the order of the calls; its end, too. */
export class HeldPieces {
  readonly pieces: HeldPiece[] = [];
  /** Set when the body was ended. */
  end: { readonly callback: WriteCallback | undefined } | undefined;

  get byteLength(): number {
    return this.pieces.reduce((sum, { chunk, encoding }) => sum + byteLength(chunk, encoding), 0);
  }

  /** None of it will be sent. */
  fail(error: unknown): void {
    const callbacks = [...this.pieces.splice(0).map(({ callback }) => callback), this.end?.callback];
    this.end = undefined;
    for (const callback of callbacks) callback?.(error as Error);
  }
}
