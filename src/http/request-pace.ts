import { requestTimeout } from './errors';
import { unwatch, type Watched, watch } from './heartbeat';
import type { MinDataRate } from './request-limits';

/** How fast a body comes, measured while somebody waits for it. */
export class RequestPace implements Watched {
  readonly #rate: MinDataRate;
  readonly #fail: (error: unknown) => void;
  #receivedBytes = 0;
  #waitedMs = 0;
  #waitingSince: number | undefined;

  /** `fail` is told once, when the rate is not kept. */
  constructor(rate: MinDataRate, fail: (error: unknown) => void) {
    this.#rate = rate;
    this.#fail = fail;
  }

  /** Somebody waits for bytes from now on. */
  start(): void {
    if (this.#waitingSince !== undefined) return;
    this.#waitingSince = performance.now();
    watch(this);
  }

  /** Bytes came, or nobody waits any more. */
  stop(byteCount: number): void {
    if (this.#waitingSince === undefined) return;
    this.#receivedBytes += byteCount;
    this.#waitedMs += performance.now() - this.#waitingSince;
    this.#waitingSince = undefined;
    unwatch(this);
  }

  beat(now: number): boolean {
    const { bytesPerSecond, gracePeriodMs } = this.#rate;
    const waitedMs = this.#waitedMs + now - (this.#waitingSince ?? now);
    if (waitedMs <= gracePeriodMs || this.#receivedBytes * 1_000 >= bytesPerSecond * waitedMs) return false;
    this.#fail(requestTimeout(this.#receivedBytes, Math.round(waitedMs), bytesPerSecond));
    return true;
  }
}
