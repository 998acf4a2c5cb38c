import type { BufferedPipeReader } from '../pipelines/buffered-pipe-reader';
import { type Watched, watch } from './heartbeat';
import type { NativeRequest } from './native-request';

/** Holds a reader back while those who read the request itself, and get copies of what it gives, are slower. */
export class HeldReader implements Watched {
  readonly #native: NativeRequest;
  #reader: BufferedPipeReader | undefined;

  constructor(native: NativeRequest) {
    this.#native = native;
  }

  /** No more bytes are asked for until they go on, or go away. */
  hold(reader: BufferedPipeReader): void {
    this.#reader = reader;
    reader.holdBack();
    watch(this);
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
