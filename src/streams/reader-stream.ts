import { Readable } from 'node:stream';
import type { PipeReader } from '../pipelines/pipe-reader';
import { ReaderPump } from './reader-pump';
import { takeBack } from './take-back';

const noBytes = Buffer.alloc(0);

/**
 * A `Readable` over a reader. It takes from the reader only what is asked of it (its `highWaterMark` is 0).
 *
 * Its end and its destruction complete the reader, the latter with the error; with `leaveOpen` neither does.
 */
export class ReaderStream extends Readable {
  readonly #reader: PipeReader;
  readonly #leaveOpen: boolean;
  readonly #pump: ReaderPump;

  constructor(reader: PipeReader, leaveOpen: boolean) {
    super({ highWaterMark: 0 });
    this.#reader = reader;
    this.#leaveOpen = leaveOpen;
    this.#pump = new ReaderPump(this, leaveOpen);
  }

  override _read(): void {
    this.#pump.pump(this.#reader);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#leaveOpen) {
      this.#pump.letGo();
      callback(error);
      return;
    }
    this.#reader.complete(error ?? undefined).then(
      () => callback(error),
      (failure) => callback(error ?? failure),
    );
  }

  get isWanted(): boolean {
    return this.readableFlowing === true || this.listenerCount('readable') > 0;
  }

  pushNothing(): void {
    this.push(noBytes);
  }

  fail(error: unknown): void {
    this.destroy(error as Error);
  }

  /** Lets go of the reader, so that somebody else can read it; gives back what nobody took. */
  letGo(): Buffer | null {
    if (this.isWanted || this.destroyed) return null;
    this.#pump.letGo();
    return takeBack(this);
  }
}
