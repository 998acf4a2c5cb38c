import { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import type { PipeReader } from '../pipelines/pipe-reader';
import type { NativeRequest } from './native-request';

/** Brings those who read the request itself the bytes of a reader. */
export class RequestFeed {
  readonly #native: NativeRequest;
  /** The reader that is waited for. */
  #waitingFor: PipeReader | undefined;
  /** Counts the waits, so that one that was given up knows it. */
  #turn = 0;

  constructor(native: NativeRequest) {
    this.#native = native;
  }

  /** Brings the next bytes, or the end. What goes wrong is told to those who listen for it. */
  async bring(reader: PipeReader): Promise<void> {
    if (this.#waitingFor !== undefined) return;
    this.#turn += 1;
    const turn = this.#turn;
    try {
      const result = reader.tryRead() ?? (await this.#waitFor(reader));
      if (turn !== this.#turn || result.isCanceled) return;
      if (!this.#native.isFlowing) {
        // Nobody wants them any more: the bytes stay with the reader.
        reader.advanceTo(result.buffer.start);
        this.#native.pushNothing();
        return;
      }
      const chunks = [...result.buffer.chunks()];
      // Before the reader is told: consuming the last byte ends the request's stream.
      for (const chunk of chunks) this.#native.push(chunk);
      reader.advanceTo(result.buffer.end);
      if (result.isCompleted) this.#native.push(null);
      else if (chunks.length === 0) await this.bring(reader);
    } catch (error) {
      if (turn === this.#turn) this.#native.fail(error);
    }
  }

  /** Lets go of the reader, so that somebody else can read it. No byte is taken. */
  stop(): void {
    const reader = this.#waitingFor;
    if (reader === undefined) return;
    this.#turn += 1;
    this.#waitingFor = undefined;
    if (reader instanceof BufferedPipeReader) reader.interrupt();
    else reader.cancelPendingRead();
  }

  async #waitFor(reader: PipeReader) {
    this.#waitingFor = reader;
    try {
      return await reader.read();
    } finally {
      if (this.#waitingFor === reader) this.#waitingFor = undefined;
    }
  }
}
