import type { IncomingMessage } from 'node:http';

/** What lies beneath the request members: the methods that node:http, or whoever made the request, gave it. */
export interface NativeRequestMethods {
  push(this: IncomingMessage, chunk: Buffer | null, encoding?: BufferEncoding): boolean;
  _read(this: IncomingMessage, size: number): void;
  _dump(this: IncomingMessage): void;
  _destroy(this: IncomingMessage, error: Error | null, callback: (error?: Error | null) => void): void;
}
