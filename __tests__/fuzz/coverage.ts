import { allCounters } from './instrument';

/** What inputs have reached so far: every counter, and how many times by powers of two. */
export class Coverage {
  readonly #seen = new Map<object, number[]>();

  /** Whether the counters since the last call have something new. They begin at 0 again. */
  takeNews(): boolean {
    let isNew = false;
    for (const { s, b } of allCounters()) {
      for (const counts of [s as unknown as number[], ...Object.values(b)]) isNew = this.#take(counts) || isNew;
    }
    return isNew;
  }

  /** Ways of branches that were taken. */
  countBranches(): number {
    const ways = allCounters().flatMap(({ b }) => Object.values(b));
    return ways.flatMap((counts) => this.#seen.get(counts) ?? []).filter((times) => times > 0).length;
  }

  #take(counts: number[]): boolean {
    let seen = this.#seen.get(counts);
    if (seen === undefined) {
      seen = [];
      this.#seen.set(counts, seen);
    }
    let isNew = false;
    for (const key in counts) {
      const count = counts[key] as number;
      if (count === 0) continue;
      counts[key] = 0;
      const times = 1 << (31 - Math.clz32(count));
      if (((seen[key] ?? 0) & times) !== 0) continue;
      seen[key] = (seen[key] ?? 0) | times;
      isNew = true;
    }
    return isNew;
  }
}
