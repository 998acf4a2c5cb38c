import { AsyncLocalStorage } from 'node:async_hooks';
import { noCallback, responseStarted } from './errors';

/**
 * Told before the headers leave; status and headers may still be changed.
 *
 * `wholeLength` are the bytes of the whole body, where one call of `res.end()` brings it, as node:http would declare them.
 */
export type StartingCallback = (wholeLength?: number) => unknown;

/** What a start comes to. */
export interface StartListener {
  /** All of them ran, later than the call that began the start. */
  startedLater(): void;
  /** One of them failed; the rest are skipped. */
  startFailed(error: unknown): void;
}

/** Made for the first async function: on Node 20 it makes every promise of the process a little slower. */
let asyncCallbacks: AsyncLocalStorage<ResponseStart> | undefined;

/**
 * The start of a response: its callbacks, the last registered first, each awaited before the next.
 *
 * Where none of them returns a promise, all of it happens within the call that begins it.
 */
export class ResponseStart {
  readonly #listeners: StartListener[];
  readonly #callbacks: StartingCallback[] = [];
  #state: 'idle' | 'running' | 'done' | 'failed' = 'idle';
  #error: unknown;
  /** A callback is on the stack. */
  #isCalling = false;
  #wholeLength: number | undefined;
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  constructor(listener: StartListener) {
    this.#listeners = [listener];
  }

  /** One that lies above those that are there. */
  listen(listener: StartListener): void {
    this.#listeners.push(listener);
  }

  get hasCallbacks(): boolean {
    return this.#state === 'idle' && this.#callbacks.length > 0;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** Whether whoever asks is a starting callback. */
  get isInCallback(): boolean {
    return this.#state === 'running' && (this.#isCalling || asyncCallbacks?.getStore() === this);
  }

  get hasFailed(): boolean {
    return this.#state === 'failed';
  }

  get error(): unknown {
    return this.#error;
  }

  add(callback: StartingCallback): void {
    if (typeof callback !== 'function') throw noCallback('starting');
    if (this.#state === 'done' || this.#state === 'failed') throw responseStarted();
    this.#callbacks.push(callback);
  }

  /** Runs the callbacks, once. False when the start has failed: then nothing can be written any more. */
  begin(wholeLength?: number): boolean {
    if (this.#state === 'idle') {
      this.#state = 'running';
      this.#wholeLength = wholeLength;
      this.#runNext(false);
    }
    return !this.hasFailed;
  }

  /** Settles when the callbacks ran; rejects with the error of one. */
  whenDone(): Promise<void> {
    if (this.#state === 'failed') return Promise.reject(this.#error);
    if (this.#state !== 'running') return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #runNext(isLater: boolean): void {
    try {
      for (let callback = this.#callbacks.pop(); callback !== undefined; callback = this.#callbacks.pop()) {
        const result = this.#call(callback);
        if (!isPromise(result)) continue;
        result.then(
          () => this.#runNext(true),
          (error) => this.#fail(error),
        );
        return;
      }
      this.#state = 'done';
      // What node:http refuses now is the callbacks' work, too.
      if (isLater) for (const listener of this.#listeners) listener.startedLater();
    } catch (error) {
      this.#fail(error);
      return;
    }
    for (const { resolve } of this.#waiting) resolve();
  }

  /**
   * An async function is followed through its awaits. What another one does after it returned, in a promise, nobody can
   * tell from a handler that goes on meanwhile.
   */
  #call(callback: StartingCallback): unknown {
    const isAsync = Object.prototype.toString.call(callback) === '[object AsyncFunction]';
    this.#isCalling = true;
    try {
      if (!isAsync) return callback(this.#wholeLength);
      asyncCallbacks ??= new AsyncLocalStorage();
      return asyncCallbacks.run(this, callback, this.#wholeLength);
    } finally {
      this.#isCalling = false;
    }
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    this.#error = error;
    for (const listener of this.#listeners.toReversed()) listener.startFailed(error);
    for (const { reject } of this.#waiting) reject(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}
