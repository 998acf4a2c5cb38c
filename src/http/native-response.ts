import type { ServerResponse } from 'node:http';

export type WriteCallback = (error?: Error | null) => void;

/** What lies beneath the response members: the methods that node:http, or whoever made the response, gave it. */
export interface NativeResponseMethods {
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean;
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): ServerResponse;
  writeHead(statusCode: number, reason?: unknown, headers?: unknown): ServerResponse;
  emit(event: string | symbol, ...values: unknown[]): boolean;
  /** The accessor of `writableNeedDrain`. */
  readonly needsDrain: (this: ServerResponse) => boolean;
}

/** A response as node:http sends it, beneath every body that was swapped in. */
export class NativeResponse {
  readonly response: ServerResponse;
  readonly #methods: NativeResponseMethods;

  constructor(response: ServerResponse, methods: NativeResponseMethods) {
    this.response = response;
    this.#methods = methods;
  }

  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean {
    return this.#methods.write.call(this.response, chunk, encoding, callback);
  }

  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void {
    this.#methods.end.call(this.response, chunk, encoding, callback);
  }

  /** Whether the socket asks to wait. */
  get needsDrain(): boolean {
    return this.#methods.needsDrain.call(this.response);
  }

  /** Whether bytes still have a way to go: the client is there and the response was not ended. */
  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }
}
