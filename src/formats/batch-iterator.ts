/** Things that come in batches, as reads bring them. */
export interface BatchSource<Item> {
  /** The next batch; undefined at the end. What it read is not answered until {@link leave}. */
  read(): Promise<readonly Item[] | undefined>;
  /** The first `count` items of the last batch were handed out, and no more of them will be. */
  leave(count: number): void;
}

/**
 * Hands out the items of batches one at a time. Leaving the loop tells the source how many of the last batch that were.
 *
 * Not an async generator: that takes two promises more an item, and twice the time.
 */
export class BatchIterator<Item> implements AsyncIterableIterator<Item> {
  readonly #source: BatchSource<Item>;
  #items: readonly Item[] = [];
  #index = 0;
  #isEnded = false;
  /** Calls that wait for a batch; those made meanwhile line up behind them. */
  #waitingCalls = 0;
  #lastCall: Promise<unknown> = Promise.resolve();

  constructor(source: BatchSource<Item>) {
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Item>> {
    if (this.#index < this.#items.length && this.#waitingCalls === 0) return Promise.resolve(this.#take());
    return this.#inTurn(() => this.#nextOfBatches());
  }

  return(): Promise<IteratorResult<Item>> {
    return this.#inTurn(async () => {
      if (!this.#isEnded) this.#end();
      return { done: true, value: undefined };
    });
  }

  #take(): IteratorResult<Item> {
    const value = this.#items[this.#index] as Item;
    this.#index += 1;
    return { done: false, value };
  }

  async #nextOfBatches(): Promise<IteratorResult<Item>> {
    while (this.#index === this.#items.length) {
      if (this.#isEnded || !(await this.#readBatch())) return { done: true, value: undefined };
    }
    return this.#take();
  }

  async #readBatch(): Promise<boolean> {
    try {
      this.#source.leave(this.#index);
      this.#items = [];
      this.#index = 0;
      const items = await this.#source.read();
      this.#items = items ?? [];
      this.#isEnded = items === undefined;
    } catch (error) {
      this.#isEnded = true;
      throw error;
    }
    return !this.#isEnded;
  }

  #end(): void {
    const handedOut = this.#index;
    this.#isEnded = true;
    this.#items = [];
    this.#index = 0;
    this.#source.leave(handedOut);
  }

  #inTurn(call: () => Promise<IteratorResult<Item>>): Promise<IteratorResult<Item>> {
    this.#waitingCalls += 1;
    const result = this.#lastCall.then(call).finally(() => {
      this.#waitingCalls -= 1;
    });
    this.#lastCall = result.catch(() => {});
    return result;
  }
}
