import type { ServerResponse } from 'node:http';
import { noCallback, notDisposable } from './errors';
import { reportFailure } from './report-failure';
import { whenClosed } from './when-closed';

/** Told when the response is over. */
export type CompletedCallback = () => unknown;

/** What `registerForDispose` takes: what `using` takes, what has a `dispose()`, and Node's streams. */
export type Disposable =
  | { [Symbol.dispose](): void }
  | { [Symbol.asyncDispose](): unknown }
  | { dispose(): unknown }
  | { destroy(): unknown };

/** What is to be done after a response finished or was cut off: the last registered first, each awaited. */
export class ResponseCompletion {
  readonly #callbacks: CompletedCallback[] = [];
  #isOver: boolean;
  #isRunning = false;

  constructor(response: ServerResponse) {
    this.#isOver = response.closed;
    if (!this.#isOver) whenClosed(response, this.#onClose);
  }

  /** One that comes too late runs at once. */
  add(callback: CompletedCallback): void {
    if (typeof callback !== 'function') throw noCallback('completed');
    this.#callbacks.push(callback);
    if (this.#isOver) void this.#run();
  }

  readonly #onClose = (): void => {
    this.#isOver = true;
    void this.#run();
  };

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let callback = this.#callbacks.pop(); callback !== undefined; callback = this.#callbacks.pop()) {
      try {
        await callback();
      } catch (error) {
        // The response is out: nobody is left to be told, and the other callbacks must run.
        reportFailure('A callback of onCompleted() failed:', error);
      }
    }
    this.#isRunning = false;
  }
}

/** How a resource is disposed of. */
export function disposerOf(resource: Disposable): CompletedCallback {
  const { dispose, destroy } = resource as { dispose?: unknown; destroy?: unknown };
  if (Symbol.asyncDispose in resource) return () => resource[Symbol.asyncDispose]();
  if (Symbol.dispose in resource) return () => resource[Symbol.dispose]();
  if (typeof dispose === 'function') return () => dispose.call(resource);
  if (typeof destroy === 'function') return () => destroy.call(resource);
  throw notDisposable();
}
