import { Readable } from 'node:stream';
import { BufferedPipeReader, cancelWaitingRead } from '../pipelines/buffered-pipe-reader';
import { readCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';
import { renew, takeBack } from './take-back';

const noBytes = Buffer.alloc(0);

/**
 * A `Readable` over a reader. It takes from the reader only what is asked of it (its `highWaterMark` is 0).
 *
 * Its end and its destruction complete the reader, the latter with the error; with `leaveOpen` neither does.
 */
export class ReaderStream extends Readable {
  readonly #reader: PipeReader;
  readonly #leaveOpen: boolean;
  #isWaiting = false;
  /** Counts the waits, so that one that was given up knows it. */
  #turn = 0;

  constructor(reader: PipeReader, leaveOpen: boolean) {
    super({ highWaterMark: 0 });
    this.#reader = reader;
    this.#leaveOpen = leaveOpen;
  }

  override _read(): void {
    if (this.#isWaiting) return;
    if (!this.#isWanted) {
      // Node asks ahead of time, too: taking bytes then would take them from whoever reads the reader itself.
      this.push(noBytes);
      return;
    }
    try {
      const result = this.#reader.tryRead();
      if (result !== undefined && this.#take(result)) return;
    } catch (error) {
      this.destroy(error as Error);
      return;
    }
    this.#waitForBytes();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#leaveOpen) {
      if (this.#isWaiting) cancelWaitingRead(this.#reader);
      callback(error);
      return;
    }
    this.#reader.complete(error ?? undefined).then(
      () => callback(error),
      (failure) => callback(error ?? failure),
    );
  }

  /** Whether somebody listens: only they get bytes, and only when they want some. */
  get #isWanted(): boolean {
    return this.readableFlowing === true || this.listenerCount('readable') > 0;
  }

  /** Lets go of the reader, so that somebody else can read it; gives back what nobody took. */
  letGo(): Buffer | null {
    if (this.#isWanted || this.destroyed) return null;
    if (this.#isWaiting && this.#reader instanceof BufferedPipeReader) {
      this.#turn += 1;
      this.#isWaiting = false;
      this.#reader.interrupt();
    }
    const rest = takeBack(this);
    // A read that Node believes to be under way would keep it from asking again.
    if (!this.readableEnded) renew(this);
    return rest;
  }

  #waitForBytes(): void {
    this.#isWaiting = true;
    this.#turn += 1;
    const turn = this.#turn;
    this.#reader.read().then(
      (result) => {
        if (turn === this.#turn) this.#whenRead(result);
      },
      (error) => {
        if (turn === this.#turn) this.destroy(error);
      },
    );
  }

  #whenRead(result: ReadResult): void {
    this.#isWaiting = false;
    if (this.destroyed) {
      if (this.#leaveOpen) this.#reader.advanceTo(result.buffer.start);
      return;
    }
    try {
      if (!this.#isWanted && !result.isCanceled) {
        this.#reader.advanceTo(result.buffer.start);
        this.push(noBytes);
      } else if (!this.#take(result)) this._read();
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  /** Pushes what was read; false when it was nothing. */
  #take({ buffer, isCompleted, isCanceled }: ReadResult): boolean {
    if (isCanceled) {
      this.#reader.advanceTo(buffer.start);
      throw readCanceled('read');
    }
    const chunks = [...buffer.chunks()];
    // Before the reader is told: whoever learns that it is at its end must find these bytes here.
    for (const chunk of chunks) this.push(chunk);
    if (this.destroyed) return true;
    this.#reader.advanceTo(buffer.end);
    if (isCompleted) this.push(null);
    return isCompleted || chunks.length > 0;
  }
}
