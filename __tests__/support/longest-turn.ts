/** The CPU time of the longest turn of the event loop, which others on the same machine do not lengthen. */
export class LongestTurn {
  #longestMs = 0;
  #running: NodeJS.Immediate | undefined;

  start(): void {
    this.stop();
    this.#longestMs = 0;
    this.#look(process.cpuUsage());
  }

  /** Gives the time; 0 when it was not started. */
  stop(): number {
    clearImmediate(this.#running);
    return this.#longestMs;
  }

  #look(before: NodeJS.CpuUsage): void {
    this.#running = setImmediate(() => {
      const { user, system } = process.cpuUsage(before);
      this.#longestMs = Math.max(this.#longestMs, (user + system) / 1_000);
      this.#look(process.cpuUsage());
    });
  }
}
