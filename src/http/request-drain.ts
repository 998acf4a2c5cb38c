import type { IncomingMessage } from 'node:http';
import { explain, isExplained } from './debug-log';
import { type Watched, watch } from './heartbeat';

/** The rest of a body that nobody reads is thrown away for this long at most, as Kestrel and nginx do it. */
const drainMs = 5_000;
/** And up to this many bytes: a client that is still writing gets to read the answer. 256 MiB. */
const drainBytes = 268_435_456;

const bounds = `${drainMs} ms and ${drainBytes} bytes`;

/** Bounds what is thrown away after a response, so that a client cannot keep a connection by sending for ever. */
export function boundDrain(request: IncomingMessage, isOver = () => request.complete): void {
  if (isOver() || request.destroyed || !request.socket) return;
  if (isExplained) explain(request, `the rest of the body was not read: it is thrown away, for ${bounds} at most`);
  watch(new RequestDrain(request, isOver));
}

class RequestDrain implements Watched {
  readonly #request: IncomingMessage;
  readonly #isOver: () => boolean;
  readonly #until = performance.now() + drainMs;
  readonly #untilBytes: number;

  constructor(request: IncomingMessage, isOver: () => boolean) {
    this.#request = request;
    this.#isOver = isOver;
    this.#untilBytes = request.socket.bytesRead + drainBytes;
  }

  beat(now: number): boolean {
    const { destroyed, socket } = this.#request;
    if (this.#isOver() || destroyed || socket.destroyed) return true;
    if (now < this.#until && socket.bytesRead < this.#untilBytes) return false;
    if (isExplained)
      explain(this.#request, `the connection is closed: the rest of the body did not end within ${bounds}`);
    socket.destroy();
    return true;
  }
}
