import { applyHead, withoutContentLength } from './head-arguments';
import type { NativeResponse } from './native-response';
import type { ResponseStart } from './response-start';

/** Status and headers of a response, up to the moment when they are settled. */
export class ResponseHead {
  readonly #native: NativeResponse;
  readonly #start: ResponseStart;
  /** Whether a Content-Length is that of the bytes before a swap, and so goes at the start. */
  #dropsLength = false;
  /** What was asked for while the starting callbacks ran: headers that are settled, or on their way. */
  #wanted: 'nothing' | 'settled' | 'sent' = 'nothing';

  constructor(native: NativeResponse, start: ResponseStart) {
    this.#native = native;
    this.#start = start;
  }

  /** Whether whoever writes should wait for the start. A starting callback that did would wait for itself. */
  get isAwaited(): boolean {
    return this.#start.isRunning && !this.#start.isInCallback;
  }

  /** Runs the starting callbacks and settles the headers. */
  begin(): void {
    this.#start.begin();
    this.commit();
  }

  /** As in Node, headers count as sent from the first write on, also when a stream holds the bytes back. */
  commit(): void {
    const { response } = this.#native;
    if (this.#start.isRunning) {
      if (this.#wanted === 'nothing') this.#wanted = 'settled';
    } else if (!response.headersSent && !this.#start.hasFailed) {
      // Here too: others' writeHead() may lead past ours.
      if (this.#dropsLength) response.removeHeader('content-length');
      response.writeHead(response.statusCode);
    }
  }

  startedLater(): void {
    if (this.#wanted !== 'nothing') this.commit();
    if (this.#wanted === 'sent') this.#native.flushHeaders();
  }

  /** `res.writeHead()`, also when node:http itself calls it before the first byte. */
  write(statusCode: number, reason?: unknown, headers?: unknown): void {
    const start = this.#start;
    if (start.hasFailed) return;
    if (start.hasCallbacks || start.isRunning) {
      applyHead(this.#native.response, statusCode, reason, headers);
      this.begin();
      return;
    }
    start.begin();
    if (this.#dropsLength) {
      this.#native.response.removeHeader('content-length');
      this.#native.writeHead(statusCode, withoutContentLength(reason), withoutContentLength(headers));
    } else this.#native.writeHead(statusCode, reason, headers);
  }

  /** `res.flushHeaders()` */
  flush(): void {
    this.begin();
    if (this.#start.isRunning) this.#wanted = 'sent';
    else if (!this.#start.hasFailed) this.#native.flushHeaders();
  }

  /** A body was swapped in. A Content-Length that a starting callback sets after its own swap is meant for it. */
  bodySwapped(): void {
    if (this.#start.isInCallback) this.#native.response.removeHeader('content-length');
    this.#dropsLength = !this.#start.isInCallback;
  }
}
