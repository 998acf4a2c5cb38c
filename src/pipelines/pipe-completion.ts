/**
 * How an end of a pipe was completed: not yet, well, or with an error. The first completion counts.
 */
export class PipeCompletion {
  #state: 'open' | 'completed' | 'failed' = 'open';
  #error: unknown;

  get isCompleted(): boolean {
    return this.#state !== 'open';
  }

  get hasError(): boolean {
    return this.#state === 'failed';
  }

  get error(): unknown {
    return this.#error;
  }

  /** Whether this call was the one that completed. `undefined` and `null` are no error. */
  complete(error?: unknown): boolean {
    if (this.isCompleted) return false;
    const failed = error !== undefined && error !== null;
    this.#state = failed ? 'failed' : 'completed';
    this.#error = failed ? error : undefined;
    return true;
  }

  /** Throws the error that it was completed with, if it was. */
  throwIfFailed(): void {
    if (this.#state === 'failed') throw this.#error;
  }

  reset(): void {
    this.#state = 'open';
    this.#error = undefined;
  }
}
