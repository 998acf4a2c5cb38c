import type { ServerResponse } from 'node:http';
import type { ResponseHead } from './response-head';
import type { ResponseStart } from './response-start';
import type { WriteCallback } from './write-callback';

/** What a stream into a body needs of what the body belongs to. */
export interface StreamOwner {
  readonly response: ServerResponse;
  readonly start: ResponseStart;
  /** More bytes than declared, after the headers, or no end: what was sent must not look whole. */
  cut(error: unknown): void;
}

/** What an outlet needs of the response that it belongs to. */
export interface OutletOwner extends StreamOwner {
  readonly head: ResponseHead;
  /** Those who write here may go on. */
  outletDrained(outlet: BodyOutlet): void;
}

/** The way of bytes out of a body, as a stream over it knows it. */
export interface StreamOutlet {
  readonly owner: StreamOwner;
  /** Whether bytes are still taken. */
  readonly isOpen: boolean;
  /** Whether whoever writes should wait. */
  readonly needsDrain: boolean;
  /** Bytes that were written and are still under way. */
  readonly writableLength: number;
  /** Writes a piece; false when whoever writes should wait. Throws for more bytes than the declared Content-Length. */
  write(chunk: unknown, encoding?: BufferEncoding, callback?: WriteCallback): boolean;
  /** What was written last leaves for a stream beneath, which gets the pieces of a pipe one by one. */
  passOn(): void;
  /** Ends the body, behind everything that was written. */
  end(chunk?: unknown, encoding?: BufferEncoding, callback?: WriteCallback): void;
  /** What the writer was told and did not flush goes first, so that bytes leave in the order of the calls. */
  handOver(): void;
}

/** The same, as its writer knows it. */
export interface BodyOutlet extends StreamOutlet {
  readonly owner: OutletOwner;
  /** Bytes of a piece that is copied when it is written; a larger one is passed on by reference. */
  readonly largestCopied: number;
  /** Whether its bytes go to node:http as they are: no starting callback has put a stream beneath. */
  readonly isLast: boolean;
  /** Begins the response where no bytes follow that would take the headers along. */
  begin(): void;
}
