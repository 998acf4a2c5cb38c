import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { ReadablePipeReader } from '../streams/readable-pipe-reader';
import { announcedLength } from './announced-body';
import { requestAborted, sizeInvalid } from './errors';
import { boundDrain } from './request-drain';

/** A reader over a request without members, by its documented stream interface only. Nobody completes it. */
export class ForeignRequestReader extends ReadablePipeReader {
  readonly #request: IncomingMessage;
  /** How many bytes of the body have arrived. */
  receivedBytes = 0;

  constructor(request: IncomingMessage) {
    super(request, false);
    this.#request = request;
  }

  override deliver(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    super.deliver(chunk);
  }

  /** A stream that fails or closes before its end is a client that went away. */
  override deliverEnd(error?: unknown): void {
    const announced = announcedLength(this.#request);
    if (error !== undefined) super.deliverEnd(requestAborted(this.receivedBytes, announced));
    else if (announced === undefined || announced === this.receivedBytes) super.deliverEnd();
    else super.deliverEnd(sizeInvalid(announced, this.receivedBytes));
  }

  /** Lets the rest of the body flow away, so that the connection can go on. */
  abandon(): void {
    this.letGo();
    this.#request.resume();
    // A platform's fake has no connection to bound, and that of HTTP/2 is not this request's alone.
    if (this.#request.httpVersionMajor === 1 && this.#request.socket instanceof Socket) boundDrain(this.#request);
  }
}
