import { isPromise } from 'node:util/types';

/** One value of a {@link Producer}; undefined at the end. */
export type Produced = { readonly value: unknown } | undefined;

/** Takes values from an iterable, or an async one, and stops it as a loop that is left would, also while it waits. */
export class Producer {
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  #state: 'ready' | 'waiting' | 'ended' = 'ready';
  /** Settles the wait. */
  #settle: ((outcome: Produced | Promise<Produced>) => void) | undefined;
  #interruption: Promise<Produced> | undefined;

  constructor(values: Iterable<unknown> | AsyncIterable<unknown>) {
    this.#isAsync = Symbol.asyncIterator in values;
    this.#iterator = Symbol.asyncIterator in values ? values[Symbol.asyncIterator]() : values[Symbol.iterator]();
  }

  /** The next value: a promise only where the producer gives one. */
  next(): Produced | Promise<Produced> {
    if (this.#interruption !== undefined) return this.#interruption;
    this.#state = 'ended';
    const step = this.#iterator.next() as IteratorResult<unknown>;
    return this.#isAsync || isPromise(step.value) ? this.#wait(step) : this.#take(step);
  }

  /** Ends the wait, and every later one: with the error, or as if there were no more values. */
  interrupt(error?: unknown): void {
    this.#interruption ??= error === undefined ? Promise.resolve(undefined) : Promise.reject(error);
    this.#interruption.catch(() => {});
    this.#settle?.(this.#interruption);
  }

  /** No more values are wanted. Settles when the producer has cleaned up; one that is waited for cannot yet. */
  async stop(): Promise<void> {
    if (this.#state === 'ended') return;
    const isBusy = this.#state === 'waiting';
    this.#state = 'ended';
    const stopped = Promise.resolve(this.#iterator.return?.());
    if (isBusy) stopped.catch(() => {});
    else await stopped;
  }

  #wait(step: IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>): Promise<Produced> {
    this.#state = 'waiting';
    return new Promise((resolve, reject) => {
      this.#settle = resolve;
      settled(step).then(
        (result) => resolve(this.#take(result)),
        (error) => {
          // An async iterator that fails is at its end; one whose value is a promise that fails is not.
          this.#state = this.#isAsync ? 'ended' : 'ready';
          reject(error);
        },
      );
    });
  }

  #take(step: IteratorResult<unknown>): Produced {
    if (step.done) {
      this.#state = 'ended';
      return undefined;
    }
    this.#state = 'ready';
    return { value: step.value };
  }
}

/** As `for await` does: a promise among the values of an iterable that is not async is awaited. */
async function settled(
  step: IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>,
): Promise<IteratorResult<unknown>> {
  const { done = false, value } = await step;
  return { done, value: await value };
}
