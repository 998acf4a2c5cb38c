import type { Readable } from 'node:stream';
import { stopFlowing } from '../streams/stop-flowing';
import { moveReaders, pipesOf } from './move-readers';

/**
 * Those who read a request before another body was swapped in, and read the one of their time since then.
 *
 * They still pause and resume the request, the only name that they know, and `resume()` must not throw a body away then.
 */
export class MovedReaders {
  readonly #request: Readable;
  #isFollowing = false;
  /** How often they paused it, and have not resumed it yet. */
  #pauses = 0;
  /** How many waited for the end of the request when they paused it. */
  #awaitingEnd = 0;

  constructor(request: Readable) {
    this.#request = request;
  }

  /** Whether the next `resume()` of the request is theirs. */
  get arePausing(): boolean {
    // Who resumes a request to throw it away waits for its end, as finalhandler does before it answers: that is not theirs.
    return this.#pauses > 0 && this.#isUnread && this.#request.listenerCount('end') <= this.#awaitingEnd;
  }

  /** Whoever reads the request now reads this stream from here on. */
  moveTo(stream: Readable): void {
    // Those who listen for 'readable' alone read the request by its methods, and hear of its own end.
    if (this.#isUnread) return;
    // What it is piped into pauses nothing.
    if (this.#request.listenerCount('data') > pipesOf(this.#request).length) this.#followPauses();
    moveReaders(this.#request, stream);
  }

  /** Whether nobody new reads the request: it would be they who pause and resume it. */
  get #isUnread(): boolean {
    return this.#request.listenerCount('data') === 0;
  }

  #followPauses(): void {
    if (!this.#isFollowing) this.#request.on('pause', this.#pause).on('resume', this.#resume);
    this.#isFollowing = true;
    if (this.#request.isPaused()) this.#pauses += 1;
    stopFlowing(this.#request);
  }

  readonly #pause = (): void => {
    if (!this.#isUnread) return;
    this.#pauses += 1;
    this.#awaitingEnd = this.#request.listenerCount('end');
    // So that Node speaks of the next pause, too.
    stopFlowing(this.#request);
  };

  readonly #resume = (): void => {
    if (!this.arePausing) return;
    stopFlowing(this.#request);
    this.#pauses -= 1;
  };
}
