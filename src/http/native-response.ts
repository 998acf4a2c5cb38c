import { ServerResponse } from 'node:http';
import type { BodySink } from './body-sink';
import { tooManyBytes } from './errors';
import type { NativeResponseMethods } from './native-response-methods';
import type { WriteCallback } from './write-callback';

/** A response as node:http sends it, beneath every body that was swapped in. */
export class NativeResponse implements BodySink {
  readonly response: ServerResponse;
  readonly #methods: NativeResponseMethods;
  #acceptedBytes = 0;
  #isWriting = false;

  constructor(response: ServerResponse, methods: NativeResponseMethods) {
    this.response = response;
    this.#methods = methods;
  }

  /** What lies beneath. */
  get methods(): NativeResponseMethods {
    return this.#methods;
  }

  accept(chunk: string | Uint8Array, encoding?: BufferEncoding): void {
    const declared = declaredLength(this.response);
    if (declared === undefined) return;
    // What was accepted before the headers were settled was refused then.
    if (!this.response.headersSent) this.#acceptedBytes = 0;
    const byteCount = this.#acceptedBytes + byteLength(chunk, encoding);
    if (byteCount > declared) throw tooManyBytes(byteCount, declared);
    this.#acceptedBytes = byteCount;
  }

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    this.#isWriting = true;
    try {
      return this.#methods.write.call(this.response, chunk, encoding, callback);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Fewer bytes than declared: the connection is closed behind them, so that the client notices. */
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    const { response } = this;
    // Node 22 and 24 send what is corked behind the end of the chunked body.
    if (response.headersSent) this.uncork();
    const declared = declaredLength(response);
    if (this.isOpen && declared !== undefined && this.#acceptedBytes < declared) closeWhenFinished(response);
    if (isNodes(response) || chunk === undefined) this.#methods.end.call(response, chunk, encoding, callback);
    else {
      // Others' `end()` writes by `write()`, which leads back here.
      this.write(chunk, encoding);
      this.#methods.end.call(response, undefined, undefined, callback);
    }
  }

  /** As node:http does at its end: what transforms still hold would wait behind the cork for ever. */
  uncork(): void {
    const { response } = this;
    for (let corks = response.writableCorked; corks > 0; corks -= 1) response.uncork();
  }

  /** `end(callback)` after the end was called: as in Node, an error where the response has finished. */
  whenEnded(callback: WriteCallback): void {
    const { response } = this;
    if (response.writableFinished) this.#methods.end.call(response, undefined, undefined, callback);
    else response.once('finish', callback);
  }

  writeHead(statusCode: number, reason?: unknown, headers?: unknown): void {
    this.#methods.writeHead.call(this.response, statusCode, reason, headers);
  }

  flushHeaders(): void {
    this.#methods.flushHeaders.call(this.response);
  }

  /** The answer that is left when the headers could not be made: a 500. */
  answerFailure(): void {
    const { response } = this;
    if (response.headersSent || response.destroyed) return;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const text = 'Internal Server Error';
    this.writeHead(500, text, { 'Content-Type': 'text/plain', 'Content-Length': text.length });
    this.#methods.end.call(response, text);
  }

  emit(event: string, ...values: unknown[]): boolean {
    return this.#methods.emit.call(this.response, event, ...values);
  }

  /** Tells those who wait for it that they may write. */
  drained(): void {
    this.emit('drain');
  }

  get needsDrain(): boolean {
    return this.#methods.needsDrain.call(this.response);
  }

  get isOpen(): boolean {
    return !this.response.destroyed && !(this.response as { finished?: boolean }).finished;
  }

  get writableLength(): number {
    return this.#methods.length.call(this.response);
  }

  /**
   * Whether it is node:http that may ask the response for its `writableLength`. From Node 26 on it does, for the result of
   * a write and before it says 'drain'; what waits above would keep it from that for ever.
   */
  get isCounting(): boolean {
    return this.#isWriting || (this.writableLength === 0 && this.needsDrain);
  }
}

/** Whether node:http sends it by HTTP/1, and not HTTP/2 or a platform of its own. */
export function isNodes(response: ServerResponse): boolean {
  return response instanceof ServerResponse;
}

/** The Content-Length that holds for the bytes of a response, where one does (RFC 9110 §8.6, RFC 9112 §6.3). */
export function declaredLength(response: ServerResponse): number | undefined {
  const length = response.headersSent ? sentLength(response) : response.getHeader('content-length');
  if (length === undefined || length === null || !hasBody(response)) return undefined;
  return response.hasHeader('transfer-encoding') ? undefined : Number(length);
}

/** Whether the bytes of a response are sent, and not only its headers (RFC 9110 §6.4.1). */
export function hasBody({ statusCode, req }: ServerResponse): boolean {
  return statusCode !== 204 && statusCode !== 304 && statusCode >= 200 && req?.method !== 'HEAD';
}

/** node:http keeps it here; `getHeader` does not know the headers that `writeHead` was given. */
function sentLength(response: ServerResponse): number | null | undefined {
  return (response as unknown as { _contentLength?: number | null })._contentLength;
}

export function byteLength(chunk: unknown, encoding?: BufferEncoding): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk, encoding);
  return (chunk as Uint8Array | null | undefined)?.length ?? 0;
}

function closeWhenFinished(response: ServerResponse): void {
  const { socket } = response;
  response.shouldKeepAlive = false;
  response.once('finish', () => socket?.destroySoon());
}

/** Whether one call brings as many bytes as were declared, as most responses do: then node:http can have them at once. */
export function isWholeBody(response: ServerResponse, chunk: unknown, encoding: unknown): boolean {
  if (!isNodes(response)) return false;
  // Nothing is left to be counted.
  if (response.writableFinished || (response as { finished?: boolean }).finished) return true;
  const declared = declaredLength(response);
  return declared === undefined || declared === byteLength(chunk, encoding as BufferEncoding);
}
