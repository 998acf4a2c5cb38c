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
  #count = 0;
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
    else if (this.#count < capacity) use(this.#add(user));
    else {
      const [longest] = this.#resting;
      if (longest === undefined) this.#waiting.push({ user, use });
      else {
        this.#resting.delete(longest);
        use(handOver(longest, user));
      }
    }
  }

  /** Takes one back; `isNeeded` says whether its user will come again. */
  takeBack(deflater: Deflater, isNeeded: boolean): void {
    const next = this.#waiting.shift();
    if (next === undefined && isNeeded && !deflater.isBroken) this.#resting.add(deflater);
    else if (next !== undefined && !deflater.isBroken) next.use(handOver(deflater, next.user));
    else {
      this.#remove(deflater);
      next?.use(this.#add(next.user));
    }
  }

  /** The user is gone, and what rests for it, too. */
  leave(user: object, last: Deflater | undefined): void {
    if (last?.user === user && this.#resting.delete(last)) this.#remove(last);
  }

  #add(user: object): Deflater {
    this.#count += 1;
    const deflater = new Deflater(this.#options);
    deflater.user = user;
    return deflater;
  }

  #remove(deflater: Deflater): void {
    this.#count -= 1;
    deflater.destroy();
  }
}

function handOver(deflater: Deflater, user: object): Deflater {
  deflater.reset();
  deflater.user = user;
  return deflater;
}
