import type { WriteCallback } from './write-callback';

/** Where the bytes of a response's body go on to: node:http, or a stream that a starting callback put beneath. */
export interface BodySink {
  /** Counts a chunk before it is taken; throws when it is more than the declared Content-Length. */
  accept(chunk: string | Uint8Array, encoding?: BufferEncoding): void;
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean;
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void;
  /** Whether whoever writes should wait. */
  readonly needsDrain: boolean;
  /** Whether bytes still have a way to go. */
  readonly isOpen: boolean;
  /** Bytes that it holds. */
  readonly writableLength: number;
}
