import type { IncomingMessage } from 'node:http';

/** What lies beneath the request members: the methods that node:http, or whoever made the request, gave it. */
export interface NativeRequestMethods {
  push(this: IncomingMessage, chunk: Buffer | null, encoding?: BufferEncoding): boolean;
  _read(this: IncomingMessage, size: number): void;
  _dump(this: IncomingMessage): void;
  _destroy(this: IncomingMessage, error: Error | null, callback: (error?: Error | null) => void): void;
}

/** What node:http and Node's streams keep of a request. */
export interface NodeState {
  /** node:http: somebody reads the request, so that what is left need not be thrown away after the response. */
  _consuming?: boolean;
  _readableState: {
    reading: boolean;
    readingMore: boolean;
  };
}
