import { requestTimeout } from './errors';
import { unwatch, type Watched, watch } from './heartbeat';
import type { MinDataRate } from './request-limits';

/** What a pace needs of the body that it measures. */
export interface PacedBody {
  /** Whether somebody still waits for bytes: a wait may be given up. */
  readonly isAwaited: boolean;
  /** Whether somebody may wait again without a word: Node tells nobody that a paused listener goes on. */
  readonly isBeingRead: boolean;
  /** Called once, when the rate is not kept. */
  refuseSlow(error: unknown): void;
}

/** How fast a body comes, measured while somebody waits for it. */
export class RequestPace implements Watched {
  readonly #rate: MinDataRate;
  readonly #body: PacedBody;
  #receivedBytes = 0;
  #waitedMs = 0;
  #waitingSince: number | undefined;

  constructor(rate: MinDataRate, body: PacedBody) {
    this.#rate = rate;
    this.#body = body;
  }

  /** Somebody waits for bytes from now on. */
  start(): void {
    if (this.#waitingSince !== undefined) return;
    this.#waitingSince = performance.now();
    watch(this);
  }

  /** Bytes came, or the end, or nobody waits any more. */
  stop(byteCount: number): void {
    if (this.#waitingSince === undefined) return;
    this.#receivedBytes += byteCount;
    this.#waitedMs += performance.now() - this.#waitingSince;
    this.#waitingSince = undefined;
    unwatch(this);
  }

  beat(now: number): boolean {
    const { isAwaited, isBeingRead } = this.#body;
    if (!isAwaited && !isBeingRead) this.stop(0);
    if (this.#waitingSince === undefined) return true;
    if (isAwaited) this.#waitedMs += now - this.#waitingSince;
    this.#waitingSince = now;
    const { bytesPerSecond, gracePeriodMs } = this.#rate;
    const waitedMs = this.#waitedMs;
    if (waitedMs <= gracePeriodMs || this.#receivedBytes * 1_000 >= bytesPerSecond * waitedMs) return false;
    this.#body.refuseSlow(requestTimeout(this.#receivedBytes, Math.round(waitedMs), bytesPerSecond));
    return true;
  }
}
