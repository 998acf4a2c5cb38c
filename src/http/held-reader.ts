import type { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { type Watched, watch } from './heartbeat';
import type { NativeRequest } from './native-request';

/** Holds a reader back while those who read the request itself, and get copies of what it gives, are slower. */
export class HeldReader implements Watched {
  readonly #native: NativeRequest;
  #reader: BufferedPipeReader | undefined;
  #watch: Watched | undefined;

  constructor(native: NativeRequest) {
    this.#native = native;
  }

  /** No more bytes are asked for until they go on, or go away. */
  hold(reader: BufferedPipeReader): void {
    this.#reader = reader;
    reader.holdBack();
    this.#watch ??= new WeakWatch(this);
    watch(this.#watch);
  }

  goOn(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.goOn();
  }

  /** Node tells nobody that the last listener, or pipe, went away. */
  beat(): boolean {
    if (!this.#native.isBeingRead) this.goOn();
    return this.#reader?.isHeldBack !== true;
  }
}

/** Where nobody else holds the request any more, nobody goes on: those who stopped for good must not keep it for ever. */
class WeakWatch implements Watched {
  readonly #held: WeakRef<HeldReader>;

  constructor(held: HeldReader) {
    this.#held = new WeakRef(held);
  }

  beat(): boolean {
    return this.#held.deref()?.beat() ?? true;
  }
}
