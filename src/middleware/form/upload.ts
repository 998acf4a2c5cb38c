import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcedLength } from '../../http/announced-body';
import { receivedBytesOf } from '../../http/body-reader';
import { bodyDiscarded, requestAborted } from '../../http/errors';
import { ForeignRequestReader } from '../../http/foreign-request-reader';
import type { PipeReader } from '../../pipelines/pipe-reader';
import { ReadAheadReader } from './read-ahead-reader';

/**
 * Where a request knows its upload. Not in a WeakMap: what is in one lives until the whole heap is collected, and an
 * upload leads to all that its request has.
 */
const kUpload = Symbol('pipebody.upload');

type UploadRequest = IncomingMessage & { [kUpload]?: Upload };

/** A form that is being read, and the client that sends it. */
export class Upload {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #body: PipeReader;
  #ahead: ReadAheadReader | undefined;

  private constructor(request: IncomingMessage, response: ServerResponse, body: PipeReader) {
    this.#request = request;
    this.#response = response;
    this.#body = body;
  }

  static begin(request: UploadRequest, response: ServerResponse, body: PipeReader): void {
    request[kUpload] = new Upload(request, response, body);
  }

  /** That of a request: filters and storages are given nothing else. */
  static of(request: UploadRequest): Upload {
    return request[kUpload] as Upload;
  }

  /** Through what it gives, the decoded body is read. */
  readThrough(reader: PipeReader): PipeReader {
    this.#ahead = new ReadAheadReader(reader);
    return this.#ahead;
  }

  /** Nothing more is read. */
  end(): void {
    try {
      this.#ahead?.flush();
    } catch {
      // There is nothing left to answer.
    }
  }

  /**
   * The answer of the application, for as long as somebody waits for the response: files that are stored already must not
   * lie there until an answer comes that may never come. A client that goes away is a 400, `request.aborted`.
   */
  async whileClientStays<Answer>(answer: Promise<Answer>): Promise<Answer> {
    let leave = () => {};
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(this.#leaving());
    });
    if (this.#hasLeft) leave();
    // Both: of a response that waits behind others on its connection nobody says that it was closed.
    this.#response.once('close', leave);
    this.#request.once('aborted', leave);
    // Who answers at once needs no look at the connection.
    const later = setImmediate(() => this.#ahead?.start());
    try {
      return await Promise.race([answer, left]);
    } finally {
      clearImmediate(later);
      this.#ahead?.stop();
      this.#response.off('close', leave);
      this.#request.off('aborted', leave);
    }
  }

  get #hasLeft(): boolean {
    const { destroyed, writableFinished } = this.#response;
    return (destroyed && !writableFinished) || (this.#request.destroyed && !this.#request.complete);
  }

  #leaving(): Error {
    if (this.#response.writableFinished) return bodyDiscarded();
    const isForeign = this.#body instanceof ForeignRequestReader;
    const received = isForeign ? this.#body.receivedBytes : receivedBytesOf(this.#request);
    return requestAborted(received, announcedLength(this.#request));
  }
}
