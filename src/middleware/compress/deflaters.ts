import type { ZlibOptions } from 'node:zlib';
import { Deflater } from './deflater';

/** As many as have work at once, where threads are few; each holds up to 256 KiB. */
const capacity = 32;

/**
 * The few deflate encoders that all responses share: what waits for its client is to hold none.
 *
 * Whoever comes again while nobody else needed its encoder finds it as it left it. Else it gets one that has forgotten
 * everything, and its next piece cannot refer back to the last.
 */
export class Deflaters {
  readonly #options: ZlibOptions;
  readonly #all = new Set<Deflater>();
  /** Not at work; the one that has rested longest first. */
  readonly #resting = new Set<Deflater>();
  /** Everybody is at work. */
  readonly #waiting: { user: object; use: (deflater: Deflater) => void }[] = [];

  constructor(options: ZlibOptions) {
    // What node:zlib refuses is refused here.
    new Deflater(options).destroy();
    this.#options = options;
  }

  /** Lends one; `last` is what the user had the last time. */
  lend(user: object, last: Deflater | undefined, use: (deflater: Deflater) => void): void {
    if (last?.user === user && this.#resting.delete(last)) use(last);
    else if (this.#all.size < capacity) use(this.#add(user));
    else {
      const [longest] = this.#resting;
      if (longest === undefined) this.#waiting.push({ user, use });
      else {
        this.#resting.delete(longest);
        use(handOver(longest, user));
      }
    }
  }

  /** Takes one back, behind a piece. */
  takeBack(deflater: Deflater): void {
    if (deflater.isBroken) {
      this.#remove(deflater);
      return;
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#resting.add(deflater);
    else next.use(handOver(deflater, next.user));
  }

  /** The user is gone, and what it had last goes with it, also in the middle of a piece. */
  leave(user: object, last: Deflater | undefined): void {
    if (last?.user !== user) return;
    this.#resting.delete(last);
    this.#remove(last);
  }

  #add(user: object): Deflater {
    const deflater = new Deflater(this.#options);
    deflater.user = user;
    this.#all.add(deflater);
    return deflater;
  }

  #remove(deflater: Deflater): void {
    if (!this.#all.delete(deflater)) return;
    deflater.destroy();
    const next = this.#waiting.shift();
    next?.use(this.#add(next.user));
  }
}

function handOver(deflater: Deflater, user: object): Deflater {
  deflater.reset();
  deflater.user = user;
  return deflater;
}
