import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { explain, isExplained } from './debug-log';
import { responseOf } from './exchange';
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
  new RequestDrain(request, isOver).start();
}

/** Whether node:http closes the connection behind the response. Changing a socket makes it slow. */
function mayBeLast(request: IncomingMessage): boolean {
  const response = responseOf(request) as NodeResponse | undefined;
  return response?.writableEnded !== true || response._last !== false;
}

/** node:http: no response follows on the connection. Known once there are headers. */
interface NodeResponse extends ServerResponse {
  readonly _last?: boolean;
}

class RequestDrain implements Watched {
  readonly #request: IncomingMessage;
  readonly #socket: Socket;
  readonly #isOver: () => boolean;
  readonly #until = performance.now() + drainMs;
  readonly #untilBytes: number;
  #isToBeDestroyed = false;

  constructor(request: IncomingMessage, isOver: () => boolean) {
    this.#request = request;
    this.#socket = request.socket;
    this.#isOver = isOver;
    this.#untilBytes = request.socket.bytesRead + drainBytes;
    // The socket that http2 hands out is none that may be changed, and node:http2 closes none behind a response.
    if (request.httpVersionMajor === 1 && mayBeLast(request)) this.#socket.destroySoon = this.#destroyLater;
  }

  /** Most bodies came with their heads, and are over in this turn: a watch would keep the request to its next beat. */
  start(): void {
    setImmediate(() => this.beat(performance.now()) || watch(this));
  }

  beat(now: number): boolean {
    const socket = this.#socket;
    if (!this.#isOver() && !this.#request.destroyed && !socket.destroyed) {
      if (now < this.#until && socket.bytesRead < this.#untilBytes) return false;
      if (isExplained)
        explain(this.#request, `the connection is closed: the rest of the body did not end within ${bounds}`);
      socket.destroy();
    }
    // That of a later request is its own.
    if (socket.destroySoon === this.#destroyLater) Reflect.deleteProperty(socket, 'destroySoon');
    if (this.#isToBeDestroyed) socket.destroySoon();
    return true;
  }

  /**
   * node:http calls it behind a response that says `Connection: close`. The system would reset a client that is still
   * writing, which then cannot read the answer: only our side ends, as nginx's lingering close.
   */
  readonly #destroyLater = (): void => {
    this.#isToBeDestroyed = true;
    this.#socket.end();
  };
}
