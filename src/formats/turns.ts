/** Milliseconds: short enough for timers and for other connections, and ten thousand values long. */
const longestTurn = 10;

/** Steps between two looks at the clock, which take a tenth as long as a small value. */
const stepsPerLook = 16;

/**
 * Lets a loop that awaits nothing but what is there already give way to everything else: promises that are settled leave
 * no turn to timers, to sockets, or to the news that the client is gone.
 */
export class Turns {
  #beganAt = performance.now();
  #stepCount = 0;

  /** One step more was made. Whether the loop has run long enough. */
  step(): boolean {
    this.#stepCount += 1;
    return this.#stepCount % stepsPerLook === 0 && performance.now() - this.#beganAt > longestTurn;
  }

  /** Goes on after everything else that waits had its turn. */
  async next(): Promise<void> {
    await new Promise(setImmediate);
    this.#beganAt = performance.now();
  }
}
