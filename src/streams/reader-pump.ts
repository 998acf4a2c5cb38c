import type { SequencePosition } from '../buffers/sequence-position';
import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { readCanceled } from '../pipelines/errors';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { ReadResult } from '../pipelines/results';

/** The `Readable` that a {@link ReaderPump} brings bytes to. */
export interface PumpTarget {
  /** Whether somebody listens: only they get bytes, and only when they want some. */
  readonly isWanted: boolean;
  /** Whether it takes no bytes any more. */
  readonly destroyed: boolean;
  push(chunk: Buffer | null): unknown;
  /** What was asked for does not come; Node asks again when somebody wants some. */
  pushNothing(): void;
  /** The reader failed, or a read of it was cancelled. */
  fail(error: unknown): void;
}

/** Brings a stream the bytes of a reader: what is asked for by its `_read()`, and no byte more. */
export class ReaderPump {
  readonly #target: PumpTarget;
  readonly #leaveOpen: boolean;
  /** The reader that is waited for. */
  #waitingFor: PipeReader | undefined;
  /** Counts the waits, so that one that was given up knows it. */
  #turn = 0;
  #isTaking = false;

  /** With `leaveOpen` the reader goes on after a target that was destroyed, which otherwise completes it. */
  constructor(target: PumpTarget, leaveOpen: boolean) {
    this.#target = target;
    this.#leaveOpen = leaveOpen;
  }

  /** Whether it is what consumes bytes of its reader at the moment. */
  get isTaking(): boolean {
    return this.#isTaking;
  }

  /** Whether it waits for bytes of its reader. */
  get isWaiting(): boolean {
    return this.#waitingFor !== undefined;
  }

  /** Brings the next bytes, or the end, now or when they are there. */
  pump(reader: PipeReader): void {
    if (this.#waitingFor !== undefined) return;
    try {
      // Node asks ahead of time, too: taking bytes then would take them from whoever reads the reader itself.
      if (!this.#target.isWanted) this.#target.pushNothing();
      else if (!this.#take(reader, reader.tryRead())) this.#wait(reader);
    } catch (error) {
      this.#target.fail(error);
    }
  }

  /** Lets go of the reader, so that somebody else can read it; no byte was taken. Whether it was waited for. */
  letGo(): boolean {
    const reader = this.#waitingFor;
    if (reader === undefined) return false;
    this.#turn += 1;
    this.#waitingFor = undefined;
    if (reader instanceof BufferedPipeReader) reader.interrupt();
    else reader.cancelPendingRead();
    return true;
  }

  #wait(reader: PipeReader): void {
    this.#waitingFor = reader;
    this.#turn += 1;
    const turn = this.#turn;
    reader.read().then(
      (result) => {
        if (turn === this.#turn) this.#whenRead(reader, result);
        // A reader of one's own, which was cancelled, is owed an answer.
        else if (!(reader instanceof BufferedPipeReader)) reader.advanceTo(result.buffer.start);
      },
      (error) => {
        if (turn === this.#turn) this.#target.fail(error);
      },
    );
  }

  #whenRead(reader: PipeReader, result: ReadResult): void {
    this.#waitingFor = undefined;
    try {
      if (this.#target.isWanted || result.isCanceled) {
        if (!this.#take(reader, result)) this.pump(reader);
        return;
      }
      // Nobody wants them any more: the bytes stay with the reader.
      reader.advanceTo(result.buffer.start);
      this.#target.pushNothing();
    } catch (error) {
      this.#target.fail(error);
    }
  }

  /** Pushes what was read; false when it was nothing. */
  #take(reader: PipeReader, result: ReadResult | undefined): boolean {
    if (result === undefined) return false;
    const { buffer, isCompleted, isCanceled } = result;
    if (isCanceled) {
      reader.advanceTo(buffer.start);
      throw readCanceled('read');
    }
    let takenLength = 0;
    // Before the reader is told: whoever learns that it is at its end must find these bytes here.
    for (const chunk of [...buffer.chunks()]) {
      // By a listener: what it did not get stays with the reader.
      if (this.#target.destroyed) break;
      takenLength += chunk.length;
      this.#target.push(chunk);
    }
    const isDestroyed = this.#target.destroyed;
    if (isDestroyed && !this.#leaveOpen) return true;
    this.#consume(reader, takenLength === buffer.length ? buffer.end : buffer.getPosition(takenLength));
    if (isCompleted && !isDestroyed) this.#target.push(null);
    return isCompleted || isDestroyed || takenLength > 0;
  }

  #consume(reader: PipeReader, consumed: SequencePosition): void {
    this.#isTaking = true;
    try {
      reader.advanceTo(consumed);
    } finally {
      this.#isTaking = false;
    }
  }
}
