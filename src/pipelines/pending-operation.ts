import { AbortError } from './abort-error';

/**
 * The one operation of a pipe's end that waits. Settled once, by whatever comes first: the thing waited for,
 * a cancellation, an aborted signal. Leaves no listener on the signal.
 */
export class PendingOperation<Result> {
  #resolve: ((result: Result) => void) | null = null;
  #reject: ((error: unknown) => void) | null = null;
  #signal: AbortSignal | undefined;
  #abort: (() => void) | null = null;

  get isPending(): boolean {
    return this.#resolve !== null;
  }

  /** Starts to wait. The signal must not be aborted yet. */
  start(signal?: AbortSignal): Promise<Result> {
    const promise = new Promise<Result>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal !== undefined) this.#listen(signal);
    return promise;
  }

  resolve(result: Result): void {
    const resolve = this.#resolve;
    this.#end();
    resolve?.(result);
  }

  reject(error: unknown): void {
    const reject = this.#reject;
    this.#end();
    reject?.(error);
  }

  #listen(signal: AbortSignal): void {
    this.#signal = signal;
    this.#abort = () => this.reject(new AbortError(signal.reason));
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  #end(): void {
    this.#resolve = null;
    this.#reject = null;
    if (this.#abort === null) return;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#signal = undefined;
    this.#abort = null;
  }
}
